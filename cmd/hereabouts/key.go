package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hereabouts"
)

func (p *program) keyCommand() *cobra.Command {
	key := &cobra.Command{Use: "key", Short: "Make, list and revoke API keys"}

	var scopes []string
	var expires time.Duration
	create := &cobra.Command{
		Use:   "create NAME --scope SCOPE…",
		Short: "Make a key and print it, this once",
		Long:  "Make a key and print it alone on standard output. It is not kept and cannot be shown again.\n\nScopes: read:staff, write:listings, write:org:ID, import, admin",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := scopesOf(scopes)
			if err != nil {
				return err
			}
			var until time.Time
			if expires > 0 {
				until = p.now().Add(expires)
			}
			return p.withOwner(cmd.Context(), true, func(o owner) error {
				secret, made, err := o.CreateKey(cmd.Context(), args[0], want, until)
				if err != nil {
					return err
				}
				if p.settings.JSON {
					return p.answerJSON(map[string]any{"key": secret, "id": made.ID, "name": made.Name, "scopes": made.Scopes})
				}
				_, err = fmt.Fprintln(p.out, secret)
				return err
			})
		},
	}
	create.Flags().StringArrayVar(&scopes, "scope", nil, "what the key may do; repeat or separate by commas")
	create.Flags().DurationVar(&expires, "expires", 0, "how long the key works, as in 720h (default: until it is revoked)")

	list := &cobra.Command{
		Use:   "list",
		Short: "List the keys, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withOwner(cmd.Context(), false, func(o owner) error {
				keys, err := o.Keys(cmd.Context())
				if err != nil {
					return err
				}
				if p.settings.JSON {
					return p.answerJSON(keys)
				}
				return p.printKeys(keys)
			})
		},
	}
	revoke := &cobra.Command{
		Use:   "revoke {ID|NAME}",
		Short: "Stop a key from working",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withOwner(cmd.Context(), false, func(o owner) error {
				if err := o.RevokeKey(cmd.Context(), args[0]); err != nil {
					return err
				}
				p.say("The key no longer works.")
				return nil
			})
		},
	}
	key.AddCommand(create, list, revoke)
	return key
}

func scopesOf(given []string) ([]hereabouts.Scope, error) {
	var scopes []hereabouts.Scope
	for _, one := range strings.Split(strings.Join(given, ","), ",") {
		s := hereabouts.Scope(strings.TrimSpace(one))
		if s == "" {
			continue
		}
		if !s.Valid() {
			return nil, usagef("%q is not a scope; choose from read:staff, write:listings, write:org:ID, import, admin", s)
		}
		scopes = append(scopes, s)
	}
	if len(scopes) == 0 {
		return nil, usagef("say what the key may do with --scope: read:staff, write:listings, write:org:ID, import or admin")
	}
	return scopes, nil
}

func (p *program) printKeys(keys []hereabouts.Key) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSCOPES\tCREATED\tLAST USED\tSTATE")
	for _, k := range keys {
		state := "works"
		switch {
		case k.Revoked:
			state = "revoked"
		case !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(p.now()):
			state = "expired"
		}
		used := string(k.LastUsed)
		if used == "" {
			used = "never"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, join(k.Scopes), hereabouts.DateOf(k.CreatedAt), used, state)
	}
	return w.Flush()
}
