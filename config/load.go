package config

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"postern/redact"
	"postern/words"
)

// Source names what a configuration is read from.
type Source struct {
	File    string   // it must exist; "" reads DefaultFile or else Machine, if there is one
	Machine string   // the file for a whole machine; "" for none
	Environ []string // as os.Environ returns it
}

// Load reads the defaults, then the file, then the environment. The error is *MistakesError for values that are wrong
// and names all of them. The Warnings and the Redactor of the Config count even then.
func Load(from Source) (Config, error) {
	l := loader{config: Default(), byName: map[string]key{}, origin: map[string]string{}}
	c := &l.config
	for _, k := range c.keys() {
		l.byName[k.name] = k
	}
	if err := l.readFile(from); err != nil {
		return *c, err
	}
	l.readEnvironment(from.Environ)
	c.Redactor = redact.New()
	for _, u := range c.Notify.URLs {
		c.Redactor.Add(u)
	}
	c.readNotify(l.complain)
	c.keyText, c.keyFile = outsideKey(from.Environ, c.Redactor)
	c.Risks = c.check(l.complain)
	if len(l.mistakes) > 0 {
		return *c, &MistakesError{l.mistakes}
	}
	return *c, nil
}

// loader collects what the file and the environment say, and every mistake in it.
type loader struct {
	config   Config
	byName   map[string]key
	origin   map[string]string // the file or variable that a key's value comes from, for messages
	mistakes []string
}

// complain records a sentence about a key's value, behind the file or variable that it comes from.
func (l *loader) complain(name, sentence string) {
	if o := l.origin[name]; o != "" {
		sentence = o + ": " + sentence
	}
	l.mistakes = append(l.mistakes, sentence)
}

// read sets a key to a value of the named file or variable.
func (l *loader) read(k key, value any, origin string) {
	l.origin[k.name] = origin
	if err := k.read(value); err != nil {
		l.complain(k.name, err.Error())
	}
}

// readFile reads the file, if there is one. The error says that it cannot be read or is no TOML.
func (l *loader) readFile(from Source) error {
	name, body, err := from.open()
	if err != nil || name == "" {
		return err
	}
	values, err := decodeTOML(name, body)
	if err != nil {
		return err
	}
	for _, v := range values {
		if k, ok := l.byName[v.name]; ok {
			l.read(k, v.value, name)
			continue
		}
		known := slices.Collect(maps.Keys(l.byName))
		l.mistakes = append(l.mistakes, words.ConfigKeyUnknown(name, v.name, Closest(v.name, known)))
	}
	return nil
}

// open returns the file that counts and its content; the name "" when there is none.
func (from Source) open() (name string, body []byte, err error) {
	if from.File != "" {
		if body, err = os.ReadFile(from.File); err != nil {
			return "", nil, &unreadableError{words.ConfigUnreadable(from.File, systemReason(err)), err}
		}
		return from.File, body, nil
	}
	name = DefaultFile
	body, err = os.ReadFile(name)
	// Whoever became another user may stand in a directory that this one must not look into.
	if from.Machine != "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		machine, machineErr := os.ReadFile(from.Machine)
		if machineErr == nil || errors.Is(err, fs.ErrNotExist) {
			name, body, err = from.Machine, machine, machineErr
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil, nil
	case errors.Is(err, fs.ErrPermission):
		return "", nil, &unreadableError{words.ConfigForbidden(name, systemReason(err)), err}
	case err != nil:
		return "", nil, &unreadableError{words.ConfigUnreadable(name, systemReason(err)), err}
	}
	return name, body, nil
}

// unreadableError is why the file cannot be read, with what to do.
type unreadableError struct {
	text  string
	cause error
}

func (e *unreadableError) Error() string { return e.text }

func (e *unreadableError) Unwrap() error { return e.cause }

// systemReason returns what the system says about a file, without the file's name.
func systemReason(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return err.Error()
}

// readEnvironment reads the variables that begin with POSTERN_ and warns of those that it does not know.
func (l *loader) readEnvironment(environ []string) {
	byVariable := map[string]key{}
	for _, k := range l.byName {
		byVariable[k.env()] = k
	}
	for _, e := range slices.Sorted(slices.Values(environ)) {
		variable, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(variable, "POSTERN_") {
			continue
		}
		if k, ok := byVariable[variable]; ok {
			l.read(k, value, variable)
			continue
		}
		switch variable {
		case envS3AccessKey:
			l.config.Media.S3.AccessKey = redact.Secret(strings.TrimSpace(value))
		case envS3SecretKey:
			l.config.Media.S3.SecretKey = redact.Secret(strings.TrimSpace(value))
		}
		if !slices.Contains(otherVariables, variable) {
			l.config.Warnings = append(l.config.Warnings, words.ConfigVariableUnknown(variable))
		}
	}
}

// MistakesError holds everything that is wrong with a configuration, one line each.
type MistakesError struct{ Mistakes []string }

// Error returns the only mistake, or all of them below their number.
func (e *MistakesError) Error() string {
	if len(e.Mistakes) == 1 {
		return e.Mistakes[0]
	}
	return words.ConfigMistakes(e.Mistakes)
}
