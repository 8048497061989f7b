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

	"postern/reason"
)

// Describe puts an error of fetching in one line of plain words, as Explain. It is "" for nil.
func Describe(err error) string { return Explain(err).String() }

// Explain returns why something could not be fetched, with what to do about it where that is known. It never
// repeats the query or the user part of a URL: both may hold secrets. It is zero for nil.
func Explain(err error) reason.Reason {
	if err == nil {
		return reason.Reason{}
	}
	if why := explainTLS(err); !why.IsZero() {
		return why
	}
	var block *blockedError
	var nowhere addressError
	var encoding encodingError
	var dns *net.DNSError
	var netErr net.Error
	switch {
	case errors.As(err, &block):
		return block.why()
	case errors.As(err, &nowhere):
		return reason.New(reason.NetImpossible, string(nowhere))
	case errors.Is(err, ErrTooManyRedirects):
		return reason.New(reason.NetRedirects)
	case errors.Is(err, ErrScheme):
		return reason.New(reason.NetScheme)
	case errors.As(err, &encoding):
		return reason.New(reason.NetEncoding, string(encoding))
	case errors.Is(err, ErrTooLarge):
		return reason.New(reason.NetTooLarge)
	case errors.Is(err, context.Canceled):
		return reason.New(reason.NetStopped)
	case errors.As(err, &dns) && dns.IsNotFound:
		return reason.New(reason.NetNoServer, clean(dns.Name))
	case errors.As(err, &dns):
		return reason.New(reason.NetNoDNS, clean(dns.Name))
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return reason.New(reason.NetSlow)
	case errors.Is(err, syscall.ECONNREFUSED):
		return reason.New(reason.NetRefused, at(err))
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return reason.New(reason.NetCut)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return reason.New(reason.NetEnded)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return reason.New(reason.NetNoWay, at(err))
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // its own text repeats the whole URL
	}
	return reason.New(reason.NetError, clean(err.Error()))
}

func explainTLS(err error) reason.Reason {
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
		return reason.New(reason.NetCertificateUnknown)
	case errors.As(err, &hostname):
		return reason.New(reason.NetCertificateName, clean(hostname.Host))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return reason.New(reason.NetCertificateTime)
	case errors.As(err, &invalid), errors.As(err, &verify):
		return reason.New(reason.NetCertificateInvalid)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return reason.New(reason.NetNoTLS)
	case errors.As(err, &alert):
		return reason.New(reason.NetTLSRefused, clean(alert.Error()))
	}
	return reason.Reason{}
}

// at names the machine that was dialled, which is not always the one in the
// URL. An address has neither query nor user part.
func at(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		return op.Addr.String()
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
