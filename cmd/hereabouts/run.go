package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"hereabouts"
	"hereabouts/data"
)

// Exit codes, as docs/operations.md lists them.
const (
	exitOK          = 0
	exitFailed      = 1 // the work failed; the message says what to do
	exitUsage       = 2 // the command line or the settings are wrong
	exitUnavailable = 3 // the data directory is in use or cannot be opened
)

// A program is everything that a command touches outside itself.
type program struct {
	in     io.Reader
	out    io.Writer
	errw   io.Writer
	getenv func(string) string
	now    func() time.Time

	settings settings
	dayHours dayHours // serve's; empty is the index's own
	log      *slog.Logger
}

// run is the whole program given everything it touches; it returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer, getenv func(string) string) int {
	p := &program{in: in, out: out, errw: errw, getenv: getenv, now: time.Now}
	root := p.command()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(errw, "hereabouts: %s\n", p.explain(err))
	var usage usageError
	var notOpen openError
	switch {
	case errors.As(err, &usage), strings.HasPrefix(err.Error(), "unknown command"):
		return exitUsage // cobra has no type of its own for an unknown command
	case errors.As(err, &notOpen), errors.Is(err, data.ErrLocked), errors.Is(err, hereabouts.ErrUnavailable):
		return exitUnavailable
	}
	return exitFailed
}

// A usageError is a mistake in how the program was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// explain turns an error into what the operator should read.
func (p *program) explain(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped before it was finished; what was reported as done is kept"
	}
	return err.Error()
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "hereabouts",
		Short:         "A directory of what is there, near this person, that fits them",
		Long:          "Hereabouts is a community asset directory with a search API.\n\nTry it: hereabouts serve --demo",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			return p.readSettings(cmd)
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
	})
	p.settings.addPersistent(root.PersistentFlags())
	root.AddCommand(
		p.serveCommand(), p.importCommand(), p.timetableCommand(), p.exportCommand(), p.keyCommand(),
		p.backupCommand(), p.restoreCommand(), p.verifyCommand(), p.reindexCommand(),
		p.doctorCommand(), p.configCommand(), p.versionCommand(), p.healthcheckCommand(),
	)
	for _, c := range root.Commands() {
		usageArgs(c)
		if c.HasSubCommands() && !c.Runnable() {
			c.RunE = chooseBelow
		}
	}
	return root
}

// chooseBelow is what a command does that only holds others.
func chooseBelow(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return usagef("%q is not a command of '%s'; see '%s --help'", args[0], cmd.CommandPath(), cmd.CommandPath())
}

// usageArgs makes a wrong number of arguments a usageError in c and below.
func usageArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		usageArgs(sub)
	}
}

// say tells a person something; nothing is said with --quiet or --json.
func (p *program) say(format string, args ...any) {
	if p.settings.Quiet || p.settings.JSON {
		return
	}
	fmt.Fprintf(p.errw, format+"\n", args...)
}

// watched reports whether a person is looking at the error stream.
func (p *program) watched() bool {
	f, ok := p.errw.(*os.File)
	return ok && !p.settings.Quiet && !p.settings.JSON && term.IsTerminal(int(f.Fd()))
}
