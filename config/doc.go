// Package config reads the owner's settings for the whole program: defaults, then the file, then the environment.
//
// Load returns a Config that is complete and checked, with a Redactor that knows its secrets, or names every mistake
// at once. The list in keys.go is the only one: names in the file, variables, messages and the test of
// config.example.toml come from it. To add a setting, add a field to Config, a line to keys, its default to Default,
// its limits to check, and the line of the example.
package config
