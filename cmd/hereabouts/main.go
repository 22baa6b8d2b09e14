// Command hereabouts is the directory: one program that serves it, fills it
// from other people's data, and looks after it.
//
// Start with run, which joins everything; each command has a file of its own.
// A data directory has one owner at a time: the running server, or else the
// command itself. A command that finds the directory owned hands its work to
// the server over a socket inside the directory (socket.go), so an operator
// never stops the service to import.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set when the program is linked.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}
