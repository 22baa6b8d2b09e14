package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"hereabouts/data"
)

func (p *program) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a consistent copy of the store, while the server runs",
		Long:  "Write a consistent copy of the store, while the server runs. The copy is checked before it gets its name. FILE must not exist.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withOwner(cmd.Context(), false, func(o owner) error {
				if err := writeBackup(cmd, o, args[0]); err != nil {
					return err
				}
				p.say("Backed up to %s, and checked.", args[0])
				return nil
			})
		},
	}
}

// writeBackup writes beside the wanted name and renames once the copy has
// been checked, so that a file of that name is always a whole backup.
func writeBackup(cmd *cobra.Command, o owner, name string) (err error) {
	if _, err := os.Stat(name); err == nil {
		return usagef("%s exists already; give the backup another name", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".hereabouts-backup-*")
	if err != nil {
		return fmt.Errorf("cannot write the backup: %w", err)
	}
	defer os.Remove(f.Name())
	err = o.Backup(cmd.Context(), f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write the backup: %w", err)
	}
	if err := data.VerifyFile(f.Name()); err != nil {
		return fmt.Errorf("the backup does not check out and was thrown away: %w", err)
	}
	// Link refuses a name that somebody has taken meanwhile; Rename would not.
	if err := os.Link(f.Name(), name); err != nil {
		return fmt.Errorf("cannot give the backup its name: %w", err)
	}
	return syncDir(filepath.Dir(name))
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (p *program) restoreCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a backup the store, with no server running",
		Long:  "Make a backup the store, with no server running. The backup is checked first. A store that is there is kept beside the restored one with --force, and nothing is done without. The search index is rebuilt when the server next starts.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			paths := directoryPaths(p.settings.Data)
			if err := os.MkdirAll(string(paths), 0o700); err != nil {
				return err
			}
			aside := paths.store() + "." + p.now().UTC().Format("20060102T150405")
			_, err := os.Stat(paths.store())
			there := err == nil
			switch {
			case there && !force:
				return usagef("%s has a store already; give another --data, or --force to put this one in its place", paths)
			case there:
				err = data.RestoreOver(args[0], paths.store(), aside)
			default:
				err = data.Restore(args[0], paths.store())
			}
			if errors.Is(err, data.ErrLocked) {
				return fmt.Errorf("%w; stop the server before restoring", err)
			}
			if err != nil {
				return err
			}
			if there {
				p.say("The store that was there is now %s.", aside)
			}
			p.say("Restored from %s.", args[0])
			return nil
		},
	}
	c.Flags().BoolVar(&force, "force", false, "set aside a store that is there")
	return c
}

func (p *program) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check every record, the audit and the index against each other",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withOwner(cmd.Context(), false, func(o owner) error {
				if err := o.Verify(cmd.Context()); err != nil {
					return err
				}
				if p.settings.JSON {
					return p.answerJSON(map[string]bool{"ok": true})
				}
				p.say("Everything holds.")
				return nil
			})
		},
	}
}
