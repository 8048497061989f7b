//go:build !linux && !darwin

package main

import (
	"errors"
	"os"
)

// hideTyping is not known here: the password is read from standard input as it comes.
func hideTyping(*os.File) (restore func(), err error) { return nil, errors.ErrUnsupported }
