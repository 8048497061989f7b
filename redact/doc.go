// Package redact removes secrets from what people and programs read: logs, errors and answers.
//
// It knows two things: values that were secrets in this run of the program, whatever they look like, and shapes
// that only secrets have. A Secret cannot be printed; Reveal returns its text.
package redact
