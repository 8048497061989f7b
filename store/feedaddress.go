package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"unicode"

	"postern/words"
)

// Masked replaces a password or a key in an address that is shown.
const Masked = "…"

// ErrNoKey says that an address with a password or a key cannot be stored or read, because the key that seals
// secrets is missing.
var ErrNoKey = errors.New(words.FeedKeyMissing)

// MaskAddress returns an address as people may see it: the user part and the values of query parameters with secret
// names are replaced by [Masked]. Any other address is returned unchanged.
func MaskAddress(address string) string {
	masked, _ := mask(address)
	return masked
}

// HidesSecrets reports whether an address contains a user part or a query parameter with a secret name.
func HidesSecrets(address string) bool {
	masked, _ := mask(address)
	return masked != address
}

// AddressSecrets returns the secrets of an address, both as written and unescaped.
func AddressSecrets(address string) []string {
	_, secrets := mask(address)
	return secrets
}

// mask works on the text instead of a parsed URL, because an address that cannot be parsed may contain secrets too.
func mask(address string) (masked string, secrets []string) {
	if !strings.ContainsAny(address, "@?&;") {
		return address, nil
	}
	add := func(values ...string) {
		for _, v := range values {
			if v != "" {
				secrets = append(secrets, v)
			}
		}
	}
	rest, fragment, hasFragment := strings.Cut(address, "#")
	rest, query, hasQuery := strings.Cut(rest, "?")
	before, authority, ok := strings.Cut(rest, "://")
	if !ok {
		before, authority = "", rest
	}
	host, path := authority, ""
	if i := strings.IndexByte(authority, '/'); i >= 0 {
		host, path = authority[:i], authority[i:]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 && ok {
		if user := host[:i]; user != Masked {
			name, password, both := strings.Cut(user, ":")
			if !both { // some services take a token as the user name
				password = name
			}
			plain, _ := url.PathUnescape(password)
			add(password, plain, user)
		}
		host = Masked + host[i:]
	}
	var b strings.Builder
	if ok {
		b.WriteString(before + "://")
	}
	b.WriteString(host + path)
	if hasQuery {
		b.WriteString("?" + maskQuery(query, add))
	}
	if hasFragment {
		b.WriteString("#" + fragment)
	}
	return b.String(), secrets
}

// maskQuery masks the secrets of a query, and calls add with each secret as written and unescaped.
func maskQuery(query string, add func(values ...string)) string {
	var b strings.Builder
	for len(query) > 0 {
		i := strings.IndexAny(query, "&;")
		pair, end := query, ""
		if i >= 0 {
			pair, end = query[:i], query[i:i+1]
		}
		query = query[len(pair)+len(end):]
		if name, value, _ := strings.Cut(pair, "="); value != "" && IsSecretName(name) {
			if value != Masked {
				plain, _ := url.QueryUnescape(value)
				add(value, plain)
			}
			pair = name + "=" + Masked
		}
		b.WriteString(pair + end)
	}
	return b.String()
}

// secretWords are names of query parameters, or words within such names, that mark a credential.
var secretWords = map[string]bool{
	"key": true, "token": true, "tok": true, "auth": true, "authorization": true, "authentication": true,
	"secret": true, "sig": true,
	"signature": true, "hmac": true, "pass": true, "password": true, "passwd": true, "passphrase": true,
	"passcode": true, "passwort": true, "pwd": true, "pw": true,
	"jwt": true, "bearer": true, "credential": true, "credentials": true, "cred": true, "creds": true, "session": true,
	"sid": true, "sessid": true, "phpsessid": true, "jsessionid": true,
	"oauth": true, "otp": true, "pin": true, "ticket": true, "uuid": true, "license": true, "licence": true,
}

// notSecret are words that make a following secret word harmless, as in "sort_key".
var notSecret = map[string]bool{"sort": true, "order": true, "page": true, "cache": true, "group": true, "meta": true,
	"search": true, "public": true, "site": true, "primary": true, "foreign": true, "row": true}

// IsSecretName reports whether a query parameter with this name contains a credential: one of its words is in
// secretWords, or the name ends with one of the compounds below, such as "accesstoken" or "apikey".
func IsSecretName(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	words := nameWords(name)
	for i, w := range words {
		if secretWords[w] && (i == 0 || !notSecret[words[i-1]]) {
			return true
		}
	}
	joined := strings.Join(words, "")
	for _, end := range []string{"token", "secret", "password", "passwd", "passphrase", "signature", "apikey",
		"accesskey", "authkey", "passkey", "feedkey", "rsskey", "userkey", "privatekey",
		"secretkey", "sharekey", "sessionid", "credentials"} {
		if strings.HasSuffix(joined, end) {
			return true
		}
	}
	return false
}

// nameWords splits a name into words at characters that are not letters and at capitals after small letters.
func nameWords(name string) (words []string) {
	var word strings.Builder
	small := false
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r):
			end()
		case unicode.IsUpper(r) && small:
			end()
			fallthrough
		default:
			word.WriteRune(unicode.ToLower(r))
		}
		small = unicode.IsLower(r)
	}
	end()
	return words
}

// SiteOf returns the scheme, host and port of an address, masked or not; "" if it has no host.
func SiteOf(address string) string {
	u, err := url.Parse(strings.Replace(address, "//"+Masked+"@", "//", 1))
	if err != nil || u.Host == "" {
		return ""
	}
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return scheme + "://" + host + ":" + port
}

// feedPlace returns the place to which the sealed address of a feed is bound; see sealedIn.
func feedPlace(id int64) string { return fmt.Sprintf("feed:%d:address", id) }

// stored returns the value of the column url for an address with secrets: the masked address and a keyed hash of the
// whole.
func (s Sealer) stored(address string) string { return MaskAddress(address) + "#" + s.Sign(address) }

// storedAddress returns the value of the column url under which an address is stored and found, and whether the
// address contains secrets. It returns ErrNoKey if it does and the key is missing.
func (s *Store) storedAddress(address string) (stored string, hides bool, err error) {
	if !HidesSecrets(address) {
		return address, false, nil
	}
	seals := s.seals.Load()
	if seals == nil || seals.Seal == nil {
		return "", true, ErrNoKey
	}
	return seals.stored(address), true, nil
}

// keepAddress stores the sealed address of a feed whose column url is set already, or clears it if the address
// contains no secrets.
func (s *Store) keepAddress(ctx context.Context, tx *transaction, id int64, address string, hides bool) error {
	var sealed any
	if hides {
		if err := s.sameKey(ctx, tx); err != nil {
			return err
		}
		b, err := s.seals.Load().Seal(feedPlace(id), address)
		if err != nil {
			return err
		}
		sealed = b
	}
	_, err := tx.ExecContext(ctx, `UPDATE feeds SET address = $2 WHERE id = $1`, id, sealed)
	return err
}

// shownAddress returns the address to show for a value of the column url, and whether that differs from the real
// address.
func shownAddress(stored string, sealed bool) (shown string, hidden bool) {
	if sealed {
		shown, _, _ = strings.Cut(stored, "#")
		return shown, true
	}
	shown = MaskAddress(stored) // may be an address that is not sealed yet
	return shown, shown != stored
}

// FeedAddress returns the whole address of a feed. It must only be used to fetch the feed. It returns ErrNoKey
// without the key, and ErrNotFound if there is no such feed.
func (s *Store) FeedAddress(ctx context.Context, id int64) (string, error) {
	var stored string
	var sealed []byte
	err := s.r.QueryRowContext(ctx, `SELECT url, address FROM feeds WHERE id = $1`, id).Scan(&stored, &sealed)
	if err != nil {
		return "", notFound(err, fmt.Sprintf("feed %d", id))
	}
	return s.openAddress(id, stored, sealed)
}

func (s *Store) openAddress(id int64, stored string, sealed []byte) (string, error) {
	if sealed == nil {
		return stored, nil
	}
	seals := s.seals.Load()
	if seals == nil || seals.Open == nil {
		return "", ErrNoKey
	}
	return seals.Open(feedPlace(id), sealed)
}

// AddressAt returns the whole address of a feed that has secrets in its address and the same scheme, host and port
// as the given address; "" if there is none.
func (s *Store) AddressAt(ctx context.Context, address string) (string, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT id, url, address FROM feeds WHERE address IS NOT NULL
		AND removed_at IS NULL ORDER BY id`)
	type row struct {
		id     int64
		url    string
		sealed []byte
	}
	all, err := collect(rows, err, func(r scanner) (f row, err error) { return f, r.Scan(&f.id, &f.url, &f.sealed) })
	for _, f := range all {
		if shown, _ := shownAddress(f.url, true); SiteOf(shown) == SiteOf(address) {
			return s.openAddress(f.id, f.url, f.sealed)
		}
	}
	return "", err
}

// settingRewrite is the key of the setting that says how much of the database file must still be rewritten because
// secrets were stored in clear text.
const (
	settingRewrite = "rewrite"
	rewriteAll     = "all"
	rewriteLog     = "log" // only the write-ahead log must still be emptied
)

// SealAddresses seals the feed addresses that an earlier version stored in clear text, and rewrites the database so
// that no trace of them stays in the file. If the program was stopped during the rewrite, or another process is
// reading, the next call continues. SealWith must be called before.
func (s *Store) SealAddresses(ctx context.Context, log *slog.Logger) error {
	sealed, err := s.sealClear(ctx)
	if err != nil {
		return err
	}
	if sealed > 0 && log != nil {
		log.Warn("addresses of feeds with a password or key are sealed now; backups made before still hold them in clear", slog.Int("feeds", sealed))
	}
	// The addresses are sealed, so a failed rewrite does not keep the program from starting.
	if err := s.finishRewrite(ctx); err != nil && log != nil {
		log.Warn("the database could not be rewritten, so its file may still hold addresses in clear; the next start tries again", slog.Any("error", err))
	}
	return ctx.Err()
}

// finishRewrite rewrites the database file if settingRewrite says so.
func (s *Store) finishRewrite(ctx context.Context) error {
	due, err := s.Setting(ctx, settingRewrite)
	if err != nil || due == "" {
		return err
	}
	if due == rewriteAll {
		if err := rewrite(ctx, s.w); err != nil {
			return err
		}
		if err := s.SetSetting(ctx, settingRewrite, rewriteLog); err != nil {
			return err
		}
	}
	if err := emptyLog(ctx, s.w); err != nil {
		return err
	}
	return s.SetSetting(ctx, settingRewrite, "")
}

// sealClear seals the addresses stored in clear text and returns their number.
func (s *Store) sealClear(ctx context.Context) (sealed int, err error) {
	inClear := func(q querier) ([]Feed, error) {
		rows, err := q.QueryContext(ctx, `SELECT id, url FROM feeds WHERE address IS NULL AND (url LIKE '%@%'
			OR url LIKE '%?%')`)
		return collect(rows, err, func(row scanner) (f Feed, err error) { return f, row.Scan(&f.ID, &f.URL) })
	}
	found, err := inClear(s.r)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	err = s.write(ctx, func(tx *transaction) error {
		found, err := inClear(tx)
		if err != nil {
			return err
		}
		for _, f := range found {
			stored, hides, err := s.storedAddress(f.URL)
			if err != nil {
				return err
			}
			if !hides {
				continue
			}
			sealed++
			// A hub is run by a third party and knows the address of the feed, so the subscription is dropped.
			if _, err := tx.ExecContext(ctx, `UPDATE feeds SET url = $2, hub_url = '', hub_topic = '', hub_hash = '',
				hub_ask_at = NULL WHERE id = $1`, f.ID, stored); err != nil {
				return fmt.Errorf("sealing the address of feed %d: %w", f.ID, err)
			}
			if err := s.keepAddress(ctx, tx, f.ID, f.URL, true); err != nil {
				return err
			}
			if err := concealPosts(ctx, tx, f.ID, f.URL); err != nil {
				return err
			}
		}
		if sealed == 0 {
			return nil
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE
			SET value = excluded.value`, settingRewrite, rewriteAll)
		return err
	})
	return sealed, err
}
