// Package shop sells.
package shop

import (
	"errors"
	"fmt"
	"log/slog"

	"example.org/house/reason"
)

// Price returns the price in cents.
func Price() int { return 1 }

// What is asked for it.
func Asked() int { return 2 }

// Open is true by day.
const Open = true

// A Basket holds what is bought.
type Basket struct {
	Label string `help:"Name of the basket."`
	Size  string `help:"${size_help}"`
}

// Adding to it.
func (b Basket) Add() {}

// notes is unexported.
func (b Basket) notes() {}

type till struct{}

// Count counts, but its type is not exported.
func (till) Count() {}

// Days of the week.
const (
	Monday = "Monday"
	// Tuesday follows Monday.
	Tuesday = "Tuesday"
)

var Undocumented = 1

const layout = "open on January 2, 2006 at 3:04 PM"

const policy = "default-src 'self'; frame-ancestors 'none'"

func words(err error, name string) (string, error) {
	slog.Info("the shop is open now")
	if err != nil {
		return "", fmt.Errorf("opening the big door: %w", err)
	}
	query := `SELECT name FROM goods WHERE price > 0`
	if name == query || name == policy || name == layout {
		return "the basket of " + name + " is full", nil
	}
	if name == "" {
		return "", errors.New("a basket needs a name")
	}
	return fmt.Sprintf("two %s", name), fmt.Errorf("no such basket: %s", reason.Closed)
}
