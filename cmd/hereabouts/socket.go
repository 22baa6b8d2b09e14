package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"hereabouts"
	"hereabouts/data"
)

// The server listens on a socket inside its data directory, readable by its
// own user only. Commands speak HTTP over it; the paths below are private to
// one version of this program.

// socketVersion changes whenever the conversation does.
const socketVersion = "2"

// A fault is an error on its way over the socket, keeping its kind.
type fault struct {
	Message  string                    `json:"message"`
	Kind     string                    `json:"kind,omitempty"`
	Problems hereabouts.Problems       `json:"problems,omitempty"`
	Conflict *hereabouts.ConflictError `json:"conflict,omitempty"`
}

// kinds are the errors that keep their identity over the socket.
var kinds = map[string]error{
	"not_found":   hereabouts.ErrNotFound,
	"conflict":    hereabouts.ErrConflict,
	"unavailable": hereabouts.ErrUnavailable,
	"op_reused":   data.ErrOpReused,
	"epoch":       data.ErrEpoch,
}

func faultOf(err error) fault {
	f := fault{Message: err.Error()}
	errors.As(err, &f.Problems)
	errors.As(err, &f.Conflict)
	for _, name := range sortedKeys(kinds) {
		if errors.Is(err, kinds[name]) {
			f.Kind = name
		}
	}
	return f
}

func (f fault) error() error {
	switch {
	case len(f.Problems) > 0:
		return f.Problems
	case f.Conflict != nil:
		return f.Conflict
	case kinds[f.Kind] != nil:
		return keptKind{f.Message, kinds[f.Kind]}
	}
	return errors.New(f.Message)
}

// keptKind is a message from the server that still matches its kind of error.
type keptKind struct {
	message string
	kind    error
}

func (e keptKind) Error() string { return e.message }
func (e keptKind) Unwrap() error { return e.kind }

// shortPath names the socket by a path short enough for the kernel (108
// bytes), whatever the length of the data directory's own path.
func shortPath(socket string) (path string, release func(), err error) {
	if len(socket) < 100 {
		return socket, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(socket))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(socket)), func() { dir.Close() }, nil
}

// listenSocket opens the socket. The caller owns the directory, so a socket
// already there was left by a process that has died.
func listenSocket(socket string) (net.Listener, error) {
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	path, release, err := shortPath(socket)
	if err != nil {
		return nil, err
	}
	defer release()
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the socket for commands: %w", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	return l, os.Chmod(socket, 0o600)
}

// recovered turns a panic, as reading a damaged index can end in, into an
// error that the command can show.
func recovered(work func() (any, error)) (answer any, err error) {
	defer func() {
		if r := recover(); r != nil {
			answer, err = nil, fmt.Errorf("the server failed at this: %v", r)
		}
	}()
	return work()
}

// socketHandler serves the owner to commands on the same machine.
func socketHandler(o owner) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, work func(w http.ResponseWriter, r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if v := r.Header.Get("Hereabouts-Socket"); v != socketVersion {
				w.WriteHeader(http.StatusUpgradeRequired)
				json.NewEncoder(w).Encode(fault{Message: "the running server is of another version than this command; use the same program for both"})
				return
			}
			answer, err := recovered(func() (any, error) { return work(w, r) })
			if err != nil {
				w.WriteHeader(http.StatusConflict)
				json.NewEncoder(w).Encode(faultOf(err))
				return
			}
			if answer != nil {
				json.NewEncoder(w).Encode(answer)
			}
		})
	}
	done := func(work func(context.Context) error) func(http.ResponseWriter, *http.Request) (any, error) {
		return func(w http.ResponseWriter, r *http.Request) (any, error) {
			return struct{}{}, work(r.Context())
		}
	}
	handle("POST /commit", func(w http.ResponseWriter, r *http.Request) (any, error) {
		var b hereabouts.Batch
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			return nil, fmt.Errorf("cannot read the batch: %w", err)
		}
		return o.Commit(r.Context(), b)
	})
	handle("GET /changes", func(w http.ResponseWriter, r *http.Request) (any, error) {
		enc := json.NewEncoder(w)
		for c, err := range o.Changes(r.Context(), hereabouts.Token(r.URL.Query().Get("from")), r.URL.Query().Has("follow")) {
			if err != nil {
				return nil, enc.Encode(changeLine{Fault: new(faultOf(err))})
			}
			if err := enc.Encode(changeLine{Change: &c}); err != nil {
				return nil, nil // the command has gone
			}
		}
		return changeLine{End: true}, nil
	})
	handle("GET /keys", func(w http.ResponseWriter, r *http.Request) (any, error) { return o.Keys(r.Context()) })
	handle("POST /keys", func(w http.ResponseWriter, r *http.Request) (any, error) {
		var k newKey
		if err := json.NewDecoder(r.Body).Decode(&k); err != nil {
			return nil, err
		}
		var err error
		k.Secret, k.Key, err = o.CreateKey(r.Context(), k.Name, k.Scopes, k.Expires)
		return k, err
	})
	handle("DELETE /keys", func(w http.ResponseWriter, r *http.Request) (any, error) {
		return struct{}{}, o.RevokeKey(r.Context(), r.URL.Query().Get("key"))
	})
	handle("GET /backup", func(w http.ResponseWriter, r *http.Request) (any, error) {
		// The trailer tells a whole backup from one that broke off.
		w.Header().Set("Trailer", "Hereabouts-Whole")
		if err := o.Backup(r.Context(), w); err != nil {
			return nil, err
		}
		w.Header().Set("Hereabouts-Whole", "yes")
		return nil, nil
	})
	handle("POST /verify", done(o.Verify))
	handle("POST /reindex", done(o.Reindex))
	handle("POST /places/reload", done(o.ReloadPlaces))
	handle("POST /timetables/reload", done(o.ReloadTimetables))
	handle("GET /unmet", func(w http.ResponseWriter, r *http.Request) (any, error) { return o.UnmetReach(r.Context()) })
	handle("POST /catch-up", done(o.CatchUp))
	return mux
}

// changeLine is one line of the change feed over the socket.
type changeLine struct {
	Change *hereabouts.Change `json:"change,omitempty"`
	Fault  *fault             `json:"fault,omitempty"`
	End    bool               `json:"end,omitempty"`
}

type newKey struct {
	Name    string             `json:"name"`
	Scopes  []hereabouts.Scope `json:"scopes"`
	Expires time.Time          `json:"expires,omitzero"`
	Secret  string             `json:"secret,omitempty"`
	Key     hereabouts.Key     `json:"key"`
}

// serverOwner is a running server, reached over its socket.
type serverOwner struct{ http *http.Client }

// dialServer reaches the server behind a socket and makes sure that it answers.
func dialServer(ctx context.Context, socket string) (*serverOwner, error) {
	s := serverAt(socket)
	_, err := s.Keys(ctx)
	return s, err
}

func serverAt(socket string) *serverOwner {
	return &serverOwner{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			path, release, err := shortPath(socket)
			if err != nil {
				return nil, err
			}
			defer release()
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}}
}

// ask sends one request and decodes its answer into answer, unless that is nil.
func (s *serverOwner) ask(ctx context.Context, method, path string, body, answer any) error {
	var send io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		send = bytes.NewReader(raw)
	}
	res, err := s.send(ctx, method, path, send)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if answer == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(answer)
}

func (s *serverOwner) send(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://server"+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Hereabouts-Socket", socketVersion)
	res, err := s.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: the running server does not answer: %w", hereabouts.ErrUnavailable, err)
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		var f fault
		if err := json.NewDecoder(res.Body).Decode(&f); err != nil {
			return nil, fmt.Errorf("the running server answered %s", res.Status)
		}
		return nil, f.error()
	}
	return res, nil
}

func (s *serverOwner) Commit(ctx context.Context, b hereabouts.Batch) (r hereabouts.Receipt, err error) {
	err = s.ask(ctx, "POST", "/commit", b, &r)
	return r, err
}

func (s *serverOwner) Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error] {
	return func(yield func(hereabouts.Change, error) bool) {
		query := url.Values{"from": {string(from)}}
		if follow {
			query.Set("follow", "")
		}
		res, err := s.send(ctx, "GET", "/changes?"+query.Encode(), nil)
		if err != nil {
			yield(hereabouts.Change{}, err)
			return
		}
		defer res.Body.Close()
		lines := json.NewDecoder(res.Body)
		for {
			var line changeLine
			if err := lines.Decode(&line); err != nil {
				yield(hereabouts.Change{}, fmt.Errorf("%w: the running server broke off: %w", hereabouts.ErrUnavailable, err))
				return
			}
			switch {
			case line.End:
				return
			case line.Fault != nil:
				yield(hereabouts.Change{}, line.Fault.error())
				return
			case line.Change != nil && !yield(*line.Change, nil):
				return
			}
		}
	}
}

func (s *serverOwner) Keys(ctx context.Context) (keys []hereabouts.Key, err error) {
	err = s.ask(ctx, "GET", "/keys", nil, &keys)
	return keys, err
}

func (s *serverOwner) CreateKey(ctx context.Context, name string, scopes []hereabouts.Scope, expires time.Time) (string, hereabouts.Key, error) {
	k := newKey{Name: name, Scopes: scopes, Expires: expires}
	err := s.ask(ctx, "POST", "/keys", k, &k)
	return k.Secret, k.Key, err
}

func (s *serverOwner) RevokeKey(ctx context.Context, idOrName string) error {
	return s.ask(ctx, "DELETE", "/keys?"+url.Values{"key": {idOrName}}.Encode(), nil, nil)
}

func (s *serverOwner) Backup(ctx context.Context, w io.Writer) error {
	res, err := s.send(ctx, "GET", "/backup", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(w, res.Body); err != nil {
		return err
	}
	if res.Trailer.Get("Hereabouts-Whole") != "yes" {
		return fmt.Errorf("%w: the running server broke the backup off; look at its log and try again", hereabouts.ErrUnavailable)
	}
	return nil
}

func (s *serverOwner) UnmetReach(ctx context.Context) (unmet []hereabouts.UnmetReach, err error) {
	err = s.ask(ctx, "GET", "/unmet", nil, &unmet)
	return unmet, err
}

func (s *serverOwner) Verify(ctx context.Context) error {
	return s.ask(ctx, "POST", "/verify", nil, nil)
}
func (s *serverOwner) Reindex(ctx context.Context) error {
	return s.ask(ctx, "POST", "/reindex", nil, nil)
}
func (s *serverOwner) CatchUp(ctx context.Context) error {
	return s.ask(ctx, "POST", "/catch-up", nil, nil)
}

func (s *serverOwner) ReloadPlaces(ctx context.Context) error {
	return s.ask(ctx, "POST", "/places/reload", nil, nil)
}

func (s *serverOwner) ReloadTimetables(ctx context.Context) error {
	return s.ask(ctx, "POST", "/timetables/reload", nil, nil)
}

func (s *serverOwner) Close() error {
	s.http.CloseIdleConnections()
	return nil
}
