//go:build !linux

package data

import "syscall"

// duplicate makes the descriptor to lead where from does.
func duplicate(from, to int) error { return syscall.Dup2(from, to) }
