package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"hereabouts"
)

// settings are what every command shares. Each has a flag; a flag that is not
// given is read from the environment (HEREABOUTS_LISTEN for --listen), then
// from the settings file, and is otherwise at its default.
type settings struct {
	Data     string
	File     string
	JSON     bool
	Quiet    bool
	LogLevel string

	from map[string]string // where each flag's value came from
}

const envPrefix = "HEREABOUTS_"

// notInFile are flags that only make sense on the command line.
var notInFile = []string{"help", "config", "version"}

func (s *settings) addPersistent(f *pflag.FlagSet) {
	f.StringVar(&s.Data, "data", "hereabouts-data", "the data `directory`")
	f.StringVar(&s.File, "config", "", "settings `file` in YAML, one flag name per line (default: hereabouts.yaml in the data directory, if there is one)")
	f.BoolVar(&s.JSON, "json", false, "answer in JSON")
	f.BoolVar(&s.Quiet, "quiet", false, "say nothing but the answer")
	f.StringVar(&s.LogLevel, "log-level", "info", "debug, info, warn or error")
}

// readSettings completes the command's flags and checks them all.
func (p *program) readSettings(cmd *cobra.Command) error {
	s := &p.settings
	s.from = map[string]string{}
	flags := cmd.Flags()
	var faults []error

	fromEnv := func(f *pflag.Flag) {
		if f.Changed {
			s.from[f.Name] = "command line"
			return
		}
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := p.getenv(name)
		if value == "" || slices.Contains(notInFile, f.Name) && f.Name != "config" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			faults = append(faults, fmt.Errorf("environment variable %s: %q does not fit: %w", name, value, err))
			return
		}
		s.from[f.Name] = "environment " + name
	}
	flags.VisitAll(fromEnv)

	file, values, err := s.readFile()
	if err != nil {
		return usageError{err}
	}
	for _, name := range sortedKeys(values) {
		known := p.flagAnywhere(cmd.Root(), name)
		if known == nil || slices.Contains(notInFile, name) {
			faults = append(faults, fmt.Errorf("%s: %q is not a setting%s", file, name, p.nearestFlag(cmd.Root(), name)))
			continue
		}
		f := flags.Lookup(name)
		if f == nil || s.from[name] != "" {
			continue // another command's, or already given
		}
		if err := flags.Set(name, values[name]); err != nil {
			faults = append(faults, fmt.Errorf("%s: %s: %q does not fit: %w", file, name, values[name], err))
			continue
		}
		s.from[name] = file
	}

	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		faults = append(faults, fmt.Errorf("log-level: %q is not one of debug, info, warn, error", s.LogLevel))
	}
	if len(faults) > 0 {
		return usageError{errors.Join(faults...)}
	}
	p.log = slog.New(slog.NewTextHandler(p.errw, &slog.HandlerOptions{Level: level}))
	return nil
}

// readFile reads the settings file; a default file that is not there is fine.
func (s *settings) readFile() (name string, values map[string]string, err error) {
	name = s.File
	if name == "" {
		name = directoryPaths(s.Data).settings()
	}
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && s.File == "" {
		return "", nil, nil
	}
	if err != nil {
		return name, nil, fmt.Errorf("cannot read the settings file: %w", err)
	}
	if err := yaml.Unmarshal(raw, &values); err != nil {
		return name, nil, fmt.Errorf("settings file %s: %w; write one setting per line, as in \"listen: 127.0.0.1:8080\"", name, err)
	}
	return name, values, nil
}

// flagAnywhere finds a flag of any command, since one file serves all of them.
func (p *program) flagAnywhere(c *cobra.Command, name string) *pflag.Flag {
	if f := c.Flags().Lookup(name); f != nil {
		return f
	}
	if f := c.PersistentFlags().Lookup(name); f != nil {
		return f
	}
	for _, sub := range c.Commands() {
		if f := p.flagAnywhere(sub, name); f != nil {
			return f
		}
	}
	return nil
}

func (p *program) nearestFlag(root *cobra.Command, name string) string {
	best, bestAt := "", 4
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		each := func(f *pflag.Flag) {
			if d := levenshtein.ComputeDistance(f.Name, name); d < bestAt {
				best, bestAt = f.Name, d
			}
		}
		c.Flags().VisitAll(each)
		c.PersistentFlags().VisitAll(each)
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// dayHours are from when to when, "09:00-17:00".
type dayHours [2]hereabouts.Clock

func (h *dayHours) String() string { return string(h[0]) + "-" + string(h[1]) }

func (h *dayHours) Type() string { return "hours" }

// Set reads the hours as String writes them.
func (h *dayHours) Set(text string) error {
	from, until, _ := strings.Cut(text, "-")
	given := dayHours{hereabouts.Clock(strings.TrimSpace(from)), hereabouts.Clock(strings.TrimSpace(until))}
	begin, ok := given[0].Minutes()
	end, alsoOK := given[1].Minutes()
	if !ok || !alsoOK || begin >= end {
		return errors.New("write from when to when, as in 09:00-17:00")
	}
	*h = given
	return nil
}

func (p *program) configCommand() *cobra.Command {
	config := &cobra.Command{Use: "config", Short: "Check or show the settings"}
	check := &cobra.Command{
		Use:   "check",
		Short: "Say whether the settings can be used, and every fault if not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			// readSettings has already refused anything that cannot be used.
			p.say("The settings are fine.")
			return nil
		},
	}
	dump := &cobra.Command{
		Use:   "dump",
		Short: "Show every setting of the server, its value and where it came from",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.dumpSettings(cmd)
		},
	}
	// Both speak of the server's settings, so they take the server's flags.
	for _, c := range []*cobra.Command{check, dump} {
		new(serveSettings).add(c.Flags())
	}
	config.AddCommand(check, dump)
	return config
}

func (p *program) dumpSettings(cmd *cobra.Command) error {
	type row struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		From  string `json:"from"`
	}
	var rows []row
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		from := p.settings.from[f.Name]
		if from == "" {
			from = "default"
		}
		rows = append(rows, row{f.Name, f.Value.String(), from})
	})
	if p.settings.JSON {
		return p.answerJSON(rows)
	}
	for _, r := range rows {
		fmt.Fprintf(p.out, "%s: %q # %s\n", r.Name, r.Value, r.From)
	}
	return nil
}
