//go:build unix && !solaris && !aix

package data

import (
	"os"
	"syscall"
)

// unlock lets go of bbolt's lock on a file whose opening panicked: the mapping
// that is left behind would otherwise hold it until the process ends.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
