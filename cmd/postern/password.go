package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"postern/web/access"
	"postern/words"
)

type passwordCmd struct{}

// Run sets the password of the pages.
func (passwordCmd) Run(in *invocation) error {
	app, err := in.firstTools("password")
	if err != nil {
		return err
	}
	defer app.Close()
	password, err := in.newPassword()
	if err != nil {
		return err
	}
	hash, err := access.HashPassword(password)
	if err != nil {
		return err
	}
	if err := app.store.SetPasswordHash(in.ctx, hash); err != nil {
		return err
	}
	return in.answer(struct {
		Set bool `json:"set"`
	}{true}, words.PasswordSet)
}

func (in *invocation) newPassword() (string, error) {
	f, ok := in.stdin.(*os.File)
	if !ok {
		return firstLine(in.input())
	}
	restore, err := hideTyping(f)
	if err != nil {
		return firstLine(in.input()) // no terminal
	}
	defer restore()
	// Closing the terminal's echo must not outlive us when the answer is Ctrl-C.
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-in.ctx.Done():
			restore()
			fmt.Fprintln(in.stderr)
			os.Exit(130)
		case <-stop:
		}
	}()
	lines := bufio.NewReader(f)
	ask := func(what string) (string, error) {
		fmt.Fprint(in.stderr, what)
		line, err := firstLine(lines)
		fmt.Fprintln(in.stderr)
		return line, err
	}
	first, err := ask(words.PasswordNew)
	if err != nil {
		return "", err
	}
	again, err := ask(words.PasswordAgain)
	if err != nil {
		return "", err
	}
	if first != again {
		return "", errors.New(words.PasswordsDiffer)
	}
	return first, nil
}

func firstLine(r io.Reader) (string, error) {
	b, ok := r.(*bufio.Reader)
	if !ok {
		b = bufio.NewReader(io.LimitReader(r, maxSecret))
	}
	line, err := b.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New(words.PasswordMissing)
	}
	return line, nil
}
