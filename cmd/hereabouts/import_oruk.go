package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"hereabouts/geo"
	"hereabouts/importers"
	"hereabouts/importers/oruk"
)

func importOpenReferral(p *program, ctx context.Context, source string, s importSettings) error {
	from := oruk.Source{At: source, Now: p.now}
	from.Fetcher = importers.NewFetcher(importers.FetchOptions{Loopback: s.Loopback})
	feed, err := url.Parse(source)
	isFeed := err == nil && strings.HasPrefix(feed.Scheme, "http")
	address := ""
	if isFeed {
		address = source
		s.Source = cmp.Or(s.Source, feed.Host)
	} else {
		s.Source = cmp.Or(s.Source, baseName(source))
	}
	if s.Resume != "" {
		if !isFeed {
			return usagef("--resume goes on with a feed; a file is read from its beginning")
		}
		if from.State, err = readState(s.Resume); err != nil {
			return err
		}
	}
	var told oruk.Dialect
	from.Told = func(d oruk.Dialect) { told = d }
	err = p.importListings(ctx, s, address, func(ctx context.Context, _ *geo.Gazetteer) importers.Records {
		return oruk.Read(ctx, from)
	})
	if told != "" {
		p.say("read as %s", told)
	}
	if s.Resume == "" {
		return err
	}
	return errors.Join(err, keepState(s.Resume, from.State, err == nil))
}

// readState reads where an import broke off; a file that is not there yet is
// the beginning.
func readState(name string) (*oruk.State, error) {
	state := &oruk.State{}
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, state)
	}
	if err != nil {
		return nil, usagef("cannot go on from %s: %w; delete it to begin again", name, err)
	}
	return state, nil
}

// keepState remembers where to go on, or forgets it once all is read.
func keepState(name string, state *oruk.State, done bool) error {
	if done {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		return fmt.Errorf("cannot remember where the import broke off: %w", err)
	}
	return nil
}
