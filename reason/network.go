package reason

// The codes of what keeps something from being fetched.
const (
	NetPrivate            Code = "net_private"
	NetNotPublic          Code = "net_not_public"
	NetImpossible         Code = "net_impossible"
	NetRedirects          Code = "net_redirects"
	NetScheme             Code = "net_scheme"
	NetEncoding           Code = "net_encoding"
	NetTooLarge           Code = "net_too_large"
	NetStopped            Code = "net_stopped"
	NetNoServer           Code = "net_no_server"
	NetNoDNS              Code = "net_no_dns"
	NetSlow               Code = "net_slow"
	NetRefused            Code = "net_refused"
	NetCut                Code = "net_cut"
	NetEnded              Code = "net_ended"
	NetNoWay              Code = "net_no_way"
	NetError              Code = "net_error"
	NetCertificateUnknown Code = "net_certificate_unknown"
	NetCertificateName    Code = "net_certificate_name"
	NetCertificateTime    Code = "net_certificate_time"
	NetCertificateInvalid Code = "net_certificate_invalid"
	NetNoTLS              Code = "net_no_tls"
	NetTLSRefused         Code = "net_tls_refused"
)

// ofNetwork are the errors of fetching, as package egress tells them.
var ofNetwork = []Definition{
	{NetPrivate,
		"{address} is a private address; add its range to network.allow (POSTERN_NETWORK_ALLOW), such as {range:q}, " +
			"and restart Postern if it is running",
		"The address is in a private network."},
	{NetNotPublic,
		"{address} is not a public address; if it is yours, add its range to network.allow (POSTERN_NETWORK_ALLOW) " +
			"and restart Postern if it is running",
		"The address is reserved."},
	{NetImpossible, "the address cannot exist: {error}", "No server can have such an address."},
	{NetRedirects, "the address redirects more than 10 times in a row; use the address it should end at",
		"The server redirects without end."},
	{NetScheme, "only http and https addresses can be fetched; use an address that begins with https://",
		"The address, or a redirect, is of another kind."},
	{NetEncoding,
		"the server compresses its answer with {encoding}, which Postern cannot read; set the server to send gzip",
		"The server compresses in a way that Postern does not know."},
	{NetTooLarge, "the answer is larger than allowed", "The body was not read."},
	{NetStopped, "stopped before it was finished", "Postern was stopped."},
	{NetNoServer, "there is no server named {host} (DNS); check the spelling of the address",
		"DNS does not know the name."},
	{NetNoDNS, "the DNS server gave no answer for {host}; check this machine's DNS", "DNS does not answer."},
	{NetSlow, "the server took too long to answer; check that the server is up", "A time-out."},
	{NetRefused, "the server refused the connection[ at {address}]; check the address, and that the server is running",
		"Nothing listens there."},
	{NetCut, "the server cut the connection; check that the server is running", "The connection was reset."},
	{NetEnded, "the connection ended before the answer was complete; check that the server is running",
		"The body is incomplete."},
	{NetNoWay, "there is no way to the server's network[ at {address}]; check this machine's network",
		"The network has no route."},
	{NetError, "{error}", "Another error of the network."},
	{NetCertificateUnknown,
		"the server's certificate is signed by an authority this machine does not know; " +
			"give the server a certificate of a public authority, such as Let's Encrypt",
		"The certificate cannot be verified."},
	{NetCertificateName,
		"the server's certificate is for another name than {host}; " +
			"check the address and the server's certificate",
		"The certificate is that of another server."},
	{NetCertificateTime,
		"the server's certificate has expired or is not valid yet; if it is fine elsewhere, check this machine's clock",
		"The certificate is not valid now."},
	{NetCertificateInvalid, "the server's certificate is not valid; check the server's certificate",
		"The certificate cannot be verified."},
	{NetNoTLS,
		"the server does not speak https on this port; where it is meant to speak plain http, begin the address " +
			"with http://", "The answer is not TLS."},
	{NetTLSRefused, "the server refused an encrypted connection ({error}); check how the server is set up for https",
		"The server ended the handshake."},
}
