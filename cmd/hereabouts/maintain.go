package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"hereabouts"
	"hereabouts/geo"
)

func (p *program) reindexCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reindex",
		Short: "Build the search index anew beside the old one, swap, and compare",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withOwner(cmd.Context(), false, func(o owner) error {
				began := p.now()
				if err := o.Reindex(cmd.Context()); err != nil {
					return err
				}
				if err := o.Verify(cmd.Context()); err != nil {
					return fmt.Errorf("the new index differs from the store: %w", err)
				}
				took := p.now().Sub(began)
				if p.settings.JSON {
					return p.answerJSON(map[string]any{"ok": true, "seconds": took.Seconds()})
				}
				p.say("The index was rebuilt and agrees with the store (%s).", took.Round(time.Millisecond))
				return nil
			})
		},
	}
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.settings.JSON {
				return p.answerJSON(map[string]string{"version": version, "go": runtime.Version()})
			}
			_, err := fmt.Fprintf(p.out, "hereabouts %s (%s)\n", version, runtime.Version())
			return err
		},
	}
}

func (p *program) healthcheckCommand() *cobra.Command {
	var s serveSettings
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the running server whether it is well; for containers",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), 4*time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(s.Listen)+"/healthz", nil)
			if err != nil {
				return usagef("cannot ask %q: %w", s.Listen, err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return fmt.Errorf("%w: the server does not answer: %w", hereabouts.ErrUnavailable, err)
			}
			defer res.Body.Close()
			io.Copy(io.Discard, res.Body)
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("%w: the server answers %s", hereabouts.ErrUnavailable, res.Status)
			}
			p.say("The server is well.")
			return nil
		},
	}
	c.Flags().StringVar(&s.Listen, "listen", defaultListen, "`address` the server listens on")
	return c
}

// A finding is one thing that the doctor looked at.
type finding struct {
	About  string `json:"about"`
	State  string `json:"state"` // ok, warning, fault
	Detail string `json:"detail"`
}

// lowDisk is where the index stops being safe to write: Bleve can be left in
// a broken state by a full disk.
const lowDisk = 512 << 20

func (p *program) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look the directory over and say what needs attention",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			findings := p.examine(cmd.Context())
			if p.settings.JSON {
				if err := p.answerJSON(findings); err != nil {
					return err
				}
			}
			var faults int
			for _, f := range findings {
				if !p.settings.JSON {
					fmt.Fprintf(p.out, "%-8s %s: %s\n", f.State, f.About, f.Detail)
				}
				if f.State == "fault" {
					faults++
				}
			}
			if faults > 0 {
				return fmt.Errorf("the doctor found %s", counted(faults, "fault"))
			}
			return nil
		},
	}
}

func (p *program) examine(ctx context.Context) (found []finding) {
	note := func(about, state, format string, args ...any) {
		found = append(found, finding{about, state, fmt.Sprintf(format, args...)})
	}
	paths := directoryPaths(p.settings.Data)
	info, err := os.Stat(string(paths))
	if err != nil {
		note("data directory", "fault", "%s is not there; start the server once, or give --data", paths)
		return found
	}
	if info.Mode().Perm()&0o077 != 0 {
		note("data directory", "warning", "others on this machine may look into %s; run chmod 700 on it", paths)
	} else {
		note("data directory", "ok", "%s", paths)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(string(paths), &disk); err != nil {
		note("disk", "fault", "cannot tell how much room there is: %v", err)
	} else if free := disk.Bavail * uint64(disk.Bsize); free < lowDisk {
		note("disk", "fault", "only %s free; make room for at least %s", humanize.IBytes(free), humanize.IBytes(lowDisk))
	} else {
		note("disk", "ok", "%s free", humanize.IBytes(free))
	}
	p.examinePlaces(paths, note)
	p.examineTimetables(paths, note)

	o, err := p.own(ctx)
	if err != nil {
		note("store", "fault", "%v", err)
		return found
	}
	defer o.Close()
	if err := o.Verify(ctx); err != nil {
		note("store and index", "fault", "%v; run 'hereabouts reindex', and restore a backup if that does not help", err)
	} else {
		note("store and index", "ok", "every record reads, the audit holds, the index agrees")
	}
	p.examineListings(ctx, o, note)
	keys, err := o.Keys(ctx)
	working := 0
	for _, k := range keys {
		if !k.Revoked && (k.ExpiresAt.IsZero() || k.ExpiresAt.After(p.now())) {
			working++
		}
	}
	switch {
	case err != nil:
		note("keys", "fault", "%v", err)
	case working == 0:
		note("keys", "warning", "no API key works, so nobody can change a listing over HTTP; make one with 'hereabouts key create'")
	default:
		note("keys", "ok", "%s in use", counted(working, "key"))
	}
	return found
}

func (p *program) examinePlaces(paths directoryPaths, note func(about, state, format string, args ...any)) {
	gazetteer, err := geo.OpenGazetteer(paths.places())
	if err != nil {
		note("places", "fault", "%v", err)
		return
	}
	stats := gazetteer.Stats()
	if stats.Postcodes+stats.Districts == 0 {
		note("places", "warning", "no postcodes are known, so nobody can search near one; run 'hereabouts import postcodes'")
		return
	}
	note("places", "ok", "%s postcodes, %s districts, %s named places", humanize.Comma(int64(stats.Postcodes)),
		humanize.Comma(int64(stats.Districts)), humanize.Comma(int64(stats.Places)))
}

func (p *program) examineListings(ctx context.Context, o owner, note func(about, state, format string, args ...any)) {
	today := hereabouts.DateOf(p.now())
	var all, stale, unplaced int
	err := published(ctx, o, func(l *hereabouts.Listing) error {
		all++
		if l.FreshnessAt(today).State == hereabouts.Stale {
			stale++
		}
		for i := range l.Places {
			if _, ok := l.Places[i].Point(); !ok && !l.HiddenLocation {
				unplaced++
				break
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		note("listings", "fault", "%v", err)
		return
	}
	state := "ok"
	if all == 0 || stale*2 > all || unplaced*10 > all {
		state = "warning"
	}
	note("listings", state, "%s published, %d stale, %d with a place that has no coordinates", humanize.Comma(int64(all)), stale, unplaced)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
