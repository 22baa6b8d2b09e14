package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"hereabouts"
	"hereabouts/geo/transit"
)

// soonDays is how long before its end a timetable is warned of.
const soonDays = 14

func (p *program) timetableCommand() *cobra.Command {
	timetable := &cobra.Command{Use: "timetable", Short: "List and remove public transport timetables"}

	var memory bool
	list := &cobra.Command{
		Use:   "list",
		Short: "List the timetables, how long they hold, and how large they are",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.listTimetables(memory)
		},
	}
	list.Flags().BoolVar(&memory, "memory", false, "load each and say how much memory it takes")
	remove := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a timetable out, also while the server runs",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.removeTimetable(cmd, args[0])
		},
	}
	timetable.AddCommand(list, remove)
	return timetable
}

// A timetableRow is what is said of one timetable.
type timetableRow struct {
	Name        string `json:"name"`
	Publisher   string `json:"publisher"`
	First       string `json:"first,omitempty"` // dates as 2026-11-24, both inclusive
	Last        string `json:"last,omitempty"`
	DaysLeft    int    `json:"days_left"` // below 0 when it has ended
	Stops       int    `json:"stops"`
	Trips       int    `json:"trips"`
	Bytes       int64  `json:"bytes"` // on disk
	MemoryBytes int64  `json:"memory_bytes,omitempty"`
	State       string `json:"state"` // valid, soon, expired, not yet, damaged
	Fault       string `json:"fault,omitempty"`
}

// timetableRows describes the timetables of a folder.
func timetableRows(files []transit.File, today transit.Day) []timetableRow {
	rows := make([]timetableRow, 0, len(files))
	for _, f := range files {
		row := timetableRow{Name: f.Name, Bytes: f.Bytes, State: "damaged"}
		if f.Err != nil {
			row.Fault = f.Err.Error()
			rows = append(rows, row)
			continue
		}
		i := f.Info
		row.Publisher, row.First, row.Last = i.Publisher, i.First.String(), i.Last.String()
		row.DaysLeft, row.Stops, row.Trips = int(i.Last-today), i.Stops, i.Trips
		switch {
		case i.Last < today:
			row.State = "expired"
		case i.First > today:
			row.State = "not yet"
		case row.DaysLeft <= soonDays:
			row.State = "soon"
		default:
			row.State = "valid"
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *program) listTimetables(memory bool) error {
	dir := directoryPaths(p.settings.Data).timetables()
	files, err := transit.Files(dir)
	if err != nil {
		return err
	}
	rows := timetableRows(files, p.today())
	if memory {
		for i := range rows {
			if rows[i].MemoryBytes, err = memoryOf(transit.Path(dir, rows[i].Name)); err != nil {
				rows[i].Fault = err.Error()
			}
		}
	}
	if p.settings.JSON {
		return p.answerJSON(rows)
	}
	if len(rows) == 0 {
		p.say("There is no timetable yet; bring one in with 'hereabouts import gtfs FILE'.")
		return nil
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	cells := func(cells ...string) {
		if !memory {
			cells = slices.Delete(cells, len(cells)-2, len(cells)-1)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	size := func(n int64) string { return humanize.IBytes(uint64(n)) }
	cells("NAME", "PUBLISHER", "FROM", "UNTIL", "DAYS LEFT", "STOPS", "TRIPS", "ON DISK", "MEMORY", "STATE")
	for _, r := range rows {
		if r.State == "damaged" {
			cells(r.Name, "", "", "", "", "", "", size(r.Bytes), "", r.State)
			continue
		}
		cells(r.Name, r.Publisher, r.First, r.Last, fmt.Sprint(max(r.DaysLeft, 0)), humanize.Comma(int64(r.Stops)),
			humanize.Comma(int64(r.Trips)), size(r.Bytes), size(r.MemoryBytes), r.State)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		if r.Fault != "" {
			p.say("%s", r.Fault)
		}
	}
	return nil
}

// memoryOf is how much more memory is in use once a timetable is loaded.
func memoryOf(path string) (int64, error) {
	used := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := used()
	feed, err := transit.ReadFeed(path)
	if err != nil {
		return 0, err
	}
	network := transit.NewNetwork([]*transit.Feed{feed}, nil)
	feed = nil // what the network does not keep of it is not counted
	after := used()
	runtime.KeepAlive(network)
	return max(after-before, 0), nil
}

func (p *program) removeTimetable(cmd *cobra.Command, name string) error {
	dir := directoryPaths(p.settings.Data).timetables()
	files, err := transit.Files(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	none := func() error {
		if len(names) == 0 {
			return usagef("there is no timetable %q, nor any other", name)
		}
		return usagef("there is no timetable %q; there is %s", name, strings.Join(names, ", "))
	}
	if len(names) == 0 {
		return none()
	}
	unlock, err := p.lockTimetables(dir)
	if err != nil {
		return err
	}
	defer unlock()
	if err := transit.Remove(dir, name); errors.Is(err, fs.ErrNotExist) {
		return none()
	} else if err != nil {
		return err
	}
	if err := p.handOver(cmd.Context(), owner.ReloadTimetables); err != nil {
		return err
	}
	if p.settings.JSON {
		return p.answerJSON(map[string]string{"removed": name})
	}
	p.say("The timetable %s is gone.", name)
	return nil
}

// logTimetables says which timetables are loaded and which cannot be.
func logTimetables(log *slog.Logger, t *transit.Timetables) {
	for _, f := range t.Feeds() {
		log.Info("timetable loaded", "name", f.Name, "from", f.First, "until", f.Last, "stops", f.Stops, "trips", f.Trips)
	}
	for _, err := range t.Faults() {
		log.Error("a file of timetables cannot be used; the others are", "error", err)
	}
}

// examineTimetables reads every timetable whole.
func (p *program) examineTimetables(paths directoryPaths, note func(about, state, format string, args ...any)) {
	files, err := transit.Files(paths.timetables())
	if err != nil {
		note("timetables", "fault", "%v", err)
		return
	}
	if len(files) == 0 {
		note("timetables", "warning", "there is none, so nobody can ask what they can reach by public transport; run 'hereabouts import gtfs'")
	}
	for i, r := range timetableRows(files, p.today()) {
		about := "timetable " + r.Name
		err := files[i].Err
		if err == nil {
			_, err = transit.ReadFeed(transit.Path(paths.timetables(), r.Name))
		}
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed meanwhile
		case err != nil:
			note(about, "fault", "%v", err)
		case r.State == "expired":
			note(about, "warning", "it ended on %s, so journeys by it are not known any more; import a newer one", r.Last)
		case r.State == "soon":
			note(about, "warning", "it ends on %s, %s; import the next one", r.Last, inDays(r.DaysLeft))
		case r.State == "not yet":
			note(about, "warning", "it begins on %s, so journeys by it are not known before", r.First)
		default:
			note(about, "ok", "until %s, %s stops, %s trips", r.Last, humanize.Comma(int64(r.Stops)), humanize.Comma(int64(r.Trips)))
		}
	}
	if names, err := transit.ReadNames(paths.timetables()); err != nil {
		note("stop names", "fault", "%v", err)
	} else if names.Len() > 0 {
		note("stop names", "ok", "%s stops", humanize.Comma(int64(names.Len())))
	}
}

func inDays(n int) string {
	if n == 0 {
		return "today"
	}
	return "in " + counted(n, "day")
}

// What an import of one whole thing did.
const (
	stateAdded     = "added"
	stateChanged   = "changed"
	stateUnchanged = "unchanged"
	stateReplaced  = "replaced" // a file that could not be used
)

// stateOf says what saving a feed does to the file that is there.
func stateOf(path string, feed *transit.Feed) (string, error) {
	old, err := transit.ReadFeed(path)
	var unusable *transit.FileError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stateAdded, nil
	case errors.As(err, &unusable):
		return stateReplaced, nil
	case err != nil:
		return "", err
	case transit.Same(old, feed):
		return stateUnchanged, nil
	}
	return stateChanged, nil
}

// today is the date as timetables count it.
func (p *program) today() transit.Day {
	return transit.DayOf(p.now().In(hereabouts.London).Date())
}

// lockTimetables makes the folder and keeps two commands from changing it at
// once.
func (p *program) lockTimetables(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return lockFolder(dir, "timetables")
}
