package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
)

// exportUnmet writes what searches could not reach, by month, district and
// need, as a table for a spreadsheet.
func exportUnmet(ctx context.Context, o owner, w io.Writer) error {
	unmet, err := o.UnmetReach(ctx)
	if err != nil {
		return err
	}
	rows := csv.NewWriter(w)
	if err := rows.Write([]string{"month", "district", "need", "searches", "unreached", "no", "there_only"}); err != nil {
		return err
	}
	for _, u := range unmet {
		if err := rows.Write([]string{u.Month, u.District, u.Need,
			strconv.Itoa(u.Searches), strconv.Itoa(u.Unreached), strconv.Itoa(u.No), strconv.Itoa(u.ThereOnly)}); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

// exportUnmetJSON writes the same as JSON, as the API shows it.
func exportUnmetJSON(ctx context.Context, o owner, w io.Writer) error {
	unmet, err := o.UnmetReach(ctx)
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(unmet)
}
