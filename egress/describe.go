package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"unicode"
)

// Describe puts an error of fetching in one line of plain words, with what to
// do about it where that is known. It never repeats the query or the user part
// of a URL: both may hold secrets. It is "" for nil.
func Describe(err error) string {
	if err == nil {
		return ""
	}
	if s := describeTLS(err); s != "" {
		return s
	}
	var block *blockedError
	var nowhere addressError
	var encoding encodingError
	var dns *net.DNSError
	var netErr net.Error
	switch {
	case errors.As(err, &block):
		return block.Error()
	case errors.As(err, &nowhere):
		return nowhere.Error()
	case errors.Is(err, ErrTooManyRedirects):
		return "the address redirects more than 10 times in a row; use the address it should end at"
	case errors.Is(err, ErrScheme):
		return ErrScheme.Error()
	case errors.As(err, &encoding):
		return encoding.Error()
	case errors.Is(err, ErrTooLarge):
		return "the answer is larger than allowed"
	case errors.Is(err, context.Canceled):
		return "stopped before it was finished"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no server named " + clean(dns.Name) + " (DNS); check the spelling of the address"
	case errors.As(err, &dns):
		return "the DNS server gave no answer for " + clean(dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return "the server took too long to answer"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the server refused the connection" + at(err)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the server cut the connection"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended before the answer was complete"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no way to the server's network" + at(err)
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // its own text repeats the whole URL
	}
	return clean(err.Error())
}

func describeTLS(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	switch {
	case errors.As(err, &unknown):
		return "the server's certificate is signed by an authority this machine does not know"
	case errors.As(err, &hostname):
		return "the server's certificate is for another name than " + clean(hostname.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate has expired or is not valid yet; if it is fine elsewhere, check this machine's clock"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "the server's certificate is not valid"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return "the server does not speak https on this port; where it is meant to speak plain http, begin the address with http://"
	case errors.As(err, &alert):
		return "the server refused an encrypted connection (" + clean(alert.Error()) + ")"
	}
	return ""
}

// at names the machine that was dialled, which is not always the one in the
// URL. An address has neither query nor user part.
func at(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		return " at " + op.Addr.String()
	}
	return ""
}

var (
	userPart  = regexp.MustCompile(`//[^/\s"'@]*@`)
	queryPart = regexp.MustCompile(`[?#][^\s"']*`)
)

const maxText = 300

// clean makes one short line of a text that may quote a URL or a server's bytes.
func clean(s string) string {
	s = queryPart.ReplaceAllString(userPart.ReplaceAllString(s, "//"), "")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1 // a terminal would obey it
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}
