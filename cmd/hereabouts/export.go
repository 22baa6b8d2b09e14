package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hereabouts"
)

func (p *program) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "export {json|csv|unmet}",
		Short: "Write every published listing, or what could not be reached, to standard output",
		Long: "Write every published listing, or what could not be reached, to standard output.\n\njson   an array of listings, as the API shows them\ncsv    one row per listing, for a spreadsheet\n" +
			"unmet  how many searches of each month, postcode district and need could not be reached\n       by public transport, in whole tens; a table, or with --json as the API shows it",
		Args: cobra.ExactArgs(1),
	}
	c.ValidArgs = []string{"json", "csv", "unmet"}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		write := map[string]func(context.Context, owner, io.Writer) error{"json": exportJSON, "csv": exportCSV, "unmet": exportUnmet}[args[0]]
		if write == nil {
			return usagef("%q is not a kind of export; choose json, csv or unmet", args[0])
		}
		if args[0] == "unmet" && p.settings.JSON {
			write = exportUnmetJSON
		}
		return p.withOwner(cmd.Context(), false, func(o owner) error {
			out := bufio.NewWriter(p.out)
			if err := write(cmd.Context(), o, out); err != nil {
				return err
			}
			return out.Flush()
		})
	}
	return c
}

// published calls visit with the public view of every published listing.
func published(ctx context.Context, o owner, visit func(*hereabouts.Listing) error) error {
	for change, err := range o.Changes(ctx, "", false) {
		if err != nil {
			return err
		}
		if change.Deleted || change.Listing == nil {
			continue
		}
		l := change.Listing.Public()
		if err := visit(&l); err != nil {
			return err
		}
	}
	return nil
}

func exportJSON(ctx context.Context, o owner, w io.Writer) error {
	sep := "[\n"
	err := published(ctx, o, func(l *hereabouts.Listing) error {
		raw, err := json.Marshal(l)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, sep); err != nil {
			return err
		}
		sep = ",\n"
		_, err = w.Write(raw)
		return err
	})
	if err != nil {
		return err
	}
	if sep == "[\n" { // there was no listing
		_, err = io.WriteString(w, "[]\n")
		return err
	}
	_, err = io.WriteString(w, "\n]\n")
	return err
}

// csvColumns are the columns of a CSV export, in order.
var csvColumns = []struct {
	name  string
	value func(*hereabouts.Listing) string
}{
	{"id", func(l *hereabouts.Listing) string { return l.ID }},
	{"kind", func(l *hereabouts.Listing) string { return string(l.Kind) }},
	{"name", func(l *hereabouts.Listing) string { return l.Name }},
	{"summary", func(l *hereabouts.Listing) string { return l.Summary }},
	{"description", func(l *hereabouts.Listing) string { return l.Description }},
	{"organisation", func(l *hereabouts.Listing) string { return l.Organisation.Name }},
	{"charity_number", func(l *hereabouts.Listing) string { return l.Organisation.CharityNumber }},
	{"needs", func(l *hereabouts.Listing) string { return strings.Join(l.Needs, ";") }},
	{"tags", func(l *hereabouts.Listing) string { return strings.Join(l.Tags, ";") }},
	{"eligibility", func(l *hereabouts.Listing) string { return l.Eligibility.Text }},
	{"min_age", func(l *hereabouts.Listing) string { return optional(l.Eligibility.MinAge) }},
	{"max_age", func(l *hereabouts.Listing) string { return optional(l.Eligibility.MaxAge) }},
	{"catchment", func(l *hereabouts.Listing) string { return l.Eligibility.Catchment.Label }},
	{"referral_routes", func(l *hereabouts.Listing) string { return join(l.Referral.Routes) }},
	{"referral_how", func(l *hereabouts.Listing) string { return l.Referral.How }},
	{"availability", func(l *hereabouts.Listing) string { return string(l.Availability.State) }},
	{"wait_weeks", func(l *hereabouts.Listing) string { return optional(l.Availability.WaitWeeks) }},
	{"availability_as_of", func(l *hereabouts.Listing) string { return string(l.Availability.AsOf) }},
	{"delivery", func(l *hereabouts.Listing) string { return join(l.Delivery) }},
	{"place", firstPlace(func(pl *hereabouts.Place) string { return pl.Name })},
	{"address", firstPlace(func(pl *hereabouts.Place) string { return pl.Address })},
	{"postcode", firstPlace(func(pl *hereabouts.Place) string { return pl.Postcode })},
	{"lat", firstPlace(func(pl *hereabouts.Place) string { return degrees(pl.Lat) })},
	{"lon", firstPlace(func(pl *hereabouts.Place) string { return degrees(pl.Lon) })},
	{"step_free", firstPlace(func(pl *hereabouts.Place) string { return string(pl.Access.StepFree) })},
	{"sessions", func(l *hereabouts.Listing) string {
		var all []string
		for _, s := range l.Sessions {
			all = append(all, strings.TrimSpace(s.RRule+" "+string(s.Start)+"-"+string(s.End)))
		}
		return strings.Join(all, "; ")
	}},
	{"free", func(l *hereabouts.Listing) string { return string(l.Cost.Free) }},
	{"pence", func(l *hereabouts.Listing) string { return optional(l.Cost.Pence) }},
	{"cost", func(l *hereabouts.Listing) string { return l.Cost.Text }},
	{"languages", func(l *hereabouts.Listing) string { return strings.Join(l.Languages, ";") }},
	{"phone", firstContact(func(c *hereabouts.Contact) string { return c.Phone })},
	{"email", firstContact(func(c *hereabouts.Contact) string { return c.Email })},
	{"url", firstContact(func(c *hereabouts.Contact) string { return c.URL })},
	{"confirmed_at", func(l *hereabouts.Listing) string { return string(l.ConfirmedAt) }},
	{"source", func(l *hereabouts.Listing) string { return l.Source.Name }},
	{"source_id", func(l *hereabouts.Listing) string { return l.Source.ID }},
	{"licence", func(l *hereabouts.Listing) string { return l.Source.Licence }},
}

func exportCSV(ctx context.Context, o owner, w io.Writer) error {
	rows := csv.NewWriter(w)
	row := make([]string, len(csvColumns))
	for i, c := range csvColumns {
		row[i] = c.name
	}
	if err := rows.Write(row); err != nil {
		return err
	}
	err := published(ctx, o, func(l *hereabouts.Listing) error {
		for i, c := range csvColumns {
			row[i] = inert(c.value(l))
		}
		return rows.Write(row)
	})
	if err != nil {
		return err
	}
	rows.Flush()
	return rows.Error()
}

// inert keeps a spreadsheet from running a cell as a formula (OWASP: CSV
// injection). A number, such as a longitude west of Greenwich, stays one.
func inert(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

func optional(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func degrees(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

func join[S ~string](values []S) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return strings.Join(all, ";")
}

func firstPlace(value func(*hereabouts.Place) string) func(*hereabouts.Listing) string {
	return func(l *hereabouts.Listing) string {
		if len(l.Places) == 0 {
			return ""
		}
		return value(&l.Places[0])
	}
}

func firstContact(value func(*hereabouts.Contact) string) func(*hereabouts.Listing) string {
	return func(l *hereabouts.Listing) string {
		if len(l.Contacts) == 0 {
			return ""
		}
		return value(&l.Contacts[0])
	}
}
