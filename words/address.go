package words

import "fmt"

// The public address, from which Instagram fetches our files: what is wrong with it. base is the address, status that
// of the answer.
const (
	PublicURLInvalid = "the public address is not a web address"
	PublicURLNone    = "there is no public address, so Postern publishes only pictures and videos that need no " +
		"repair, from their own addresses"
	BucketEndpointInvalid = `media.s3.endpoint must be an address without a path, such as "https://s3.example.org"`
	BucketNoReason        = "no reason given"
)

// PublicOK tells that Instagram can fetch files.
func PublicOK(base string) string {
	return fmt.Sprintf("the public address %s serves our files", base)
}

// PublicUnchecked tells why the address could not be checked.
func PublicUnchecked(why string) string { return "the public address could not be checked: " + why }

// PublicChallenge tells that a bot challenge is in the way.
func PublicChallenge(base string, status int) string {
	return fmt.Sprintf("the public address %s answers with a bot challenge (%d)", base, status)
}

// PublicRedirects tells where the address redirects to.
func PublicRedirects(base string, status int, target string) string {
	return fmt.Sprintf("the public address %s redirects (%d) to %s, and Instagram follows no redirect", base, status,
		target)
}

// PublicRefuses tells that the server refuses everybody.
func PublicRefuses(base string, status int) string {
	return fmt.Sprintf("the public address %s refuses to serve our files (it answers %d)", base, status)
}

// PublicRefusesFetcher tells that the server refuses Instagram's fetcher only.
func PublicRefusesFetcher(base string, status int) string {
	return fmt.Sprintf("the public address %s refuses Instagram's fetcher (facebookexternalhit), though not "+
		"others (it answers %d)", base, status)
}

// PublicChallengesFetcher tells that a bot challenge is in the way of Instagram's fetcher only.
func PublicChallengesFetcher(base string, status int) string {
	return fmt.Sprintf("the public address %s refuses Instagram's fetcher (facebookexternalhit), though not "+
		"others: it answers with a bot challenge (%d)", base, status)
}

// PublicPageForFetcher tells that Instagram's fetcher only gets a web page.
func PublicPageForFetcher(base string) string {
	return fmt.Sprintf("the public address %s refuses Instagram's fetcher (facebookexternalhit), though not "+
		"others: it answers with a web page instead of the file", base)
}

// PublicUnknown tells that the server does not have our files.
func PublicUnknown(base string, status int) string {
	return fmt.Sprintf("the public address %s does not know our files (it answers %d)", base, status)
}

// PublicFails tells that the server has a problem.
func PublicFails(base string, status int) string {
	return fmt.Sprintf("the public address %s cannot serve our files (it answers %d)", base, status)
}

// PublicAnswers tells that the server answers with another status than that of a file.
func PublicAnswers(base string, status int) string {
	return fmt.Sprintf("the public address %s answers %d instead of the file", base, status)
}

// PublicPage tells that everybody gets a web page.
func PublicPage(base string) string {
	return fmt.Sprintf("the public address %s answers with a web page instead of the file, as log-ins and bot "+
		"protections do", base)
}

// PublicPart tells that a file is cut off.
func PublicPart(base string, got, all int) string {
	return fmt.Sprintf("the public address %s serves only a part of the file: %d of %d bytes", base, got, all)
}

// PublicOther tells that the bytes are not those of the file.
func PublicOther(base string) string {
	return fmt.Sprintf("the public address %s serves another file than ours", base)
}

// PublicType tells the wrong Content-Type of a JPEG, "" for none.
func PublicType(base, kind string) string {
	if kind == "" {
		return fmt.Sprintf("the public address %s sends a JPEG without Content-Type", base)
	}
	return fmt.Sprintf("the public address %s sends a JPEG with the Content-Type %.60q", base, kind)
}

// PublicNoLength tells that the length of a file is not told.
func PublicNoLength(base string) string {
	return fmt.Sprintf("the public address %s sends no Content-Length", base)
}

// PublicHeadSilent tells that HEAD gets no answer.
func PublicHeadSilent(base string) string {
	return fmt.Sprintf("the public address %s does not answer HEAD", base)
}

// PublicHeadStatus tells that HEAD gets another status than GET.
func PublicHeadStatus(base string, status int) string {
	return fmt.Sprintf("the public address %s answers HEAD with %d, and GET with 200", base, status)
}

// PublicHeadDiffers tells that HEAD gets another length or type than GET.
func PublicHeadDiffers(base string) string {
	return fmt.Sprintf("the public address %s answers HEAD with another Content-Length or Content-Type than GET", base)
}

// PublicRangeSilent tells that a part of a file gets no answer.
func PublicRangeSilent(base string) string {
	return fmt.Sprintf("the public address %s does not answer when Postern asks for a part of a file", base)
}

// PublicRangeWhole tells that the server knows no parts of files.
func PublicRangeWhole(base string) string {
	return fmt.Sprintf("the public address %s serves only whole files, and Instagram asks for parts of long "+
		"videos", base)
}

// PublicRangeStatus tells that a part of a file gets a status that is not that of a part.
func PublicRangeStatus(base string, status int) string {
	return fmt.Sprintf("the public address %s answers %d when Postern asks for a part of a file", base, status)
}

// PublicRangeDiffers tells that another part of a file comes than was asked for.
func PublicRangeDiffers(base string) string {
	return fmt.Sprintf("the public address %s serves another part of a file than Postern asked for", base)
}

// RobotsForbid tells that a robots.txt keeps Instagram's fetcher away.
func RobotsForbid(robots string) string {
	return robots + " forbids Instagram's fetcher to fetch our files"
}

// PublicHTTPAllowed tells that an address without https counts because the owner allows it.
func PublicHTTPAllowed(base string) string {
	return fmt.Sprintf("the public address %s is plain http, which Postern allows because it is in network.allow", base)
}

// PublicAllowed tells that an address counts that is reachable only inside network.allow.
func PublicAllowed(base string) string {
	return fmt.Sprintf("the public address %s is in network.allow. Servers there can fetch our files, others cannot",
		base)
}

// PublicPrivate tells that an address is in a private network.
func PublicPrivate(base string) string {
	return fmt.Sprintf("the public address %s is in a private network, where Instagram cannot fetch files", base)
}

// PublicNoHTTPS tells that an address is not https.
func PublicNoHTTPS(base string) string {
	return fmt.Sprintf("the public address %s is not https", base)
}

// PublicUnreachable tells why the address cannot be reached.
func PublicUnreachable(base, why string) string {
	return fmt.Sprintf("the public address %s cannot be reached: %s", base, why)
}

// PublicUntrusted tells what is wrong with the certificate.
func PublicUntrusted(base, why string) string {
	return fmt.Sprintf("the public address %s cannot be trusted: %s", base, why)
}

// PublicLeadsHome tells that the name leads into the own network from here.
func PublicLeadsHome(base string) string {
	return fmt.Sprintf("the public address %s leads from this machine into your own network, so Postern cannot tell "+
		"whether Instagram can reach it", base)
}

// PublicHairpin tells that this machine cannot reach its own address.
func PublicHairpin(base, why string) string {
	return fmt.Sprintf("this machine cannot reach the public address %s (%s), which is usual behind a home router, so "+
		"Postern cannot tell whether Instagram can", base, why)
}

// BaseURLWithPath tells what a path in web.base_url means.
func BaseURLWithPath(path, host string) string {
	return fmt.Sprintf("web.base_url has the path %s. Instagram can fetch media below it, but Postern's pages "+
		"work only at the root of a host. Give the pages a name of their own, such as https://postern.%s.", path,
		host)
}

// What its owner can do about the public address. Those with Bucket are for files in a bucket.
const (
	FixPublicWall = "let everyone fetch /media/, without log-in or bot protection"
	FixBucketWall = "let everyone read the files under the bucket's prefix, without log-in or bot protection"
	FixPublicPath = "make the proxy or tunnel pass /media/ to Postern (web.listen) unchanged"
	FixBucketPath = "make media.s3.public_url the address under which the bucket's files are public, and restart " +
		"Postern"
	FixPublicOther = "make the proxy or tunnel pass /media/ to Postern (web.listen) unchanged, without image " +
		"optimisation"
	FixBucketOther = "make media.s3.public_url the address under which the bucket's files are public, without image " +
		"optimisation, and restart Postern"
	FixPublicRedirect = "set web.base_url to the address that the redirect leads to and restart Postern, or let " +
		"/media/ through without log-in"
	FixBucketRedirect   = "set media.s3.public_url to the address that the redirect leads to, and restart Postern"
	FixPublicFails      = "check that Postern runs and that the proxy or tunnel leads to web.listen"
	FixBucketFails      = "check the status of the storage, and try again later"
	FixPublicType       = "make the proxy keep the Content-Type that Postern sends"
	FixBucketType       = "make the bucket keep the Content-Type that Postern uploads"
	FixPublicLength     = "make the proxy keep the Content-Length that Postern sends"
	FixPublicHead       = "let HEAD requests through like GET"
	FixPublicRange      = "make the proxy pass on the Range header and Postern's answer to it"
	FixBucketRange      = "do nothing unless long videos fail"
	FixPublicURLInvalid = "set web.base_url to an address such as https://posse.example.org, and restart Postern"
	FixBucketURLInvalid = "set media.s3.public_url to an address such as https://pictures.example.org, and " +
		"restart Postern"
	FixPublicURLNone = "set web.base_url to this server's public https address, or set [media.s3], and restart " +
		"Postern"
	FixPublicUnchecked    = "fix that first, or check again later"
	FixBucketUpload       = "fix that, and check again"
	FixPublicHTTPAllowed  = "give it https and a public name before Instagram itself has to fetch files there"
	FixPublicAllowed      = "give it a public name before Instagram itself has to fetch files there"
	FixPublicFetcherBlock = "switch bot protection off for /media/, or let facebookexternalhit through"
)

// FixRobots names the folder that a robots.txt must allow.
func FixRobots(folder string) string {
	return fmt.Sprintf("allow %s there for everyone, or for facebookexternalhit", folder)
}

// FixPublicPrivate names the setting that needs a public name.
func FixPublicPrivate(key string) string {
	return fmt.Sprintf("set %s to a public name, through a proxy or a tunnel, as docs/operating.md describes, and "+
		"restart Postern", key)
}

// FixPublicNoHTTPS names the setting that needs https.
func FixPublicNoHTTPS(key string) string {
	return fmt.Sprintf("put a proxy with a certificate in front, set %s to https://, and restart Postern", key)
}

// FixPublicDNS names the setting whose name DNS does not know.
func FixPublicDNS(key string) string {
	return fmt.Sprintf("check the spelling of %s, and the name's DNS entry", key)
}

// FixPublicCertificate names the host that needs a certificate.
func FixPublicCertificate(host string) string {
	return fmt.Sprintf("give the proxy a certificate for %s from a public authority, such as Let's Encrypt", host)
}

// FixPublicLeadsHome tells how to find out whether the world can reach the address below which the files are.
func FixPublicLeadsHome(files string) string {
	return fmt.Sprintf("open %s on a phone without Wi-Fi. If it answers 404, it is OK; otherwise correct the DNS "+
		"entry of the name", files)
}

// FixPublicHairpin tells how to find out whether the world can reach the address below which the files are.
func FixPublicHairpin(files string) string {
	return fmt.Sprintf("open %s on a phone without Wi-Fi. If it answers 404, it is OK; otherwise check the port "+
		"forwarding, and that Postern and its proxy or tunnel run", files)
}

// FixPublicUnreachable names the setting to check.
func FixPublicUnreachable(key string) string {
	return fmt.Sprintf("check %s, and that Postern and its proxy or tunnel run", key)
}

// The site, where Instagram fetches pictures and videos from their own addresses. noun is "picture" or "video", name
// that of the file.

const orUseOwn = ", or set web.base_url (or [media.s3]) and restart Postern, so that Instagram fetches a copy from " +
	"there"

// What the owner can do about the site.
const (
	FixSourceAddress  = "correct the address in the post"
	FixSourceWall     = "let facebookexternalhit through there" + orUseOwn
	FixSourceRedirect = "use the address that the redirect leads to in the post" + orUseOwn
	FixSourceOther    = "make the site serve the same file to everyone" + orUseOwn
)

// FixSourcePrivate tells how Instagram can fetch a file of a private network.
func FixSourcePrivate(noun string) string {
	return fmt.Sprintf("give the %s a public address", noun) + orUseOwn
}

// FixSourceType names the Content-Type that the site must send.
func FixSourceType(kind string) string { return fmt.Sprintf("make the site send %s", kind) + orUseOwn }

// SourceShut tells why Instagram cannot fetch a file from the site, what to do, and the rule.
func SourceShut(why, remedy, rule string) string {
	return fmt.Sprintf("%s; %s (%s)", why, remedy, rule)
}

// SourceAddressInvalid tells that an address is none.
func SourceAddressInvalid(noun string) string {
	return fmt.Sprintf("Postern cannot read the address of the %s", noun)
}

// SourcePrivate tells why Postern does not reach a private network.
func SourcePrivate(host, why string) string {
	return fmt.Sprintf("%s is in a private network: %s", host, why)
}

// SourceBusy tells why the site does not serve a file at the moment.
func SourceBusy(host, name, why string) string {
	return fmt.Sprintf("%s does not serve %s to Instagram's fetcher now: %s", host, name, why)
}

// SourceBusyStatus tells the status with which the site does not serve a file at the moment.
func SourceBusyStatus(host, name string, status int) string {
	return fmt.Sprintf("%s does not serve %s to Instagram's fetcher now (it answered %d)", host, name, status)
}

// SourceChallenge tells that a bot challenge is in the way.
func SourceChallenge(host, noun, name string, status int) string {
	return fmt.Sprintf("%s answers Instagram's fetcher with a bot challenge (%d) instead of the %s %s", host, status,
		noun,
		name)
}

// SourceRedirects tells where the site redirects to.
func SourceRedirects(host, noun, name string, status int, target string) string {
	return fmt.Sprintf("%s redirects Instagram's fetcher (%d) from %s to %s, and Instagram follows no redirect to a "+
		"%s", host,
		status, name, target, noun)
}

// SourceRefuses tells that the site refuses Instagram's fetcher only.
func SourceRefuses(host, noun, name string, status int) string {
	return fmt.Sprintf("%s refuses the %s %s to Instagram's fetcher (it answered %d), but not to Postern", host, noun,
		name, status)
}

// SourceAnswers tells that the site answers with another status than that of a file.
func SourceAnswers(host, noun, name string, status int) string {
	return fmt.Sprintf("%s answers Instagram's fetcher %d instead of the %s %s", host, status, noun, name)
}

// SourceCut tells that the connection ended.
func SourceCut(host, name string) string {
	return fmt.Sprintf("%s ended the connection when Instagram's fetcher asked for %s", host, name)
}

// SourceEmpty tells that the file has no bytes.
func SourceEmpty(host, noun, name string) string {
	return fmt.Sprintf("%s answers Instagram's fetcher with an empty file instead of the %s %s", host, noun, name)
}

// SourcePage tells that a web page comes instead of the file.
func SourcePage(host, noun, name string) string {
	return fmt.Sprintf("%s answers Instagram's fetcher with a page instead of a %s (%s)", host, noun, name)
}

// SourceFormat tells that the file is of another format than it needs.
func SourceFormat(host, name, format, wanted string) string {
	return fmt.Sprintf("%s serves %s to Instagram's fetcher as %s, which is not %s", host, name, format, wanted)
}

// SourceType tells the wrong Content-Type of a file, "" for none.
func SourceType(host, noun, name, kind string) string {
	if kind == "" {
		return fmt.Sprintf("%s sends the %s %s without Content-Type", host, noun, name)
	}
	return fmt.Sprintf("%s sends the %s %s with the Content-Type %.60q", host, noun, name, kind)
}

// SourceOther tells that Instagram's fetcher gets another picture.
func SourceOther(host, name string) string {
	return fmt.Sprintf("%s serves another picture as %s to Instagram's fetcher than to Postern, as protections "+
		"against hotlinking do", host, name)
}

// SourceAllowed tells that a host counts that is reachable only inside network.allow.
func SourceAllowed(host string) string {
	return host + " is in network.allow. Servers there can fetch from it, Instagram itself cannot"
}

// SourceRobots tells that a robots.txt may keep Instagram's fetcher away, and the folder that it must allow.
func SourceRobots(robots, folder string) string {
	return fmt.Sprintf("%s forbids Instagram's fetcher to fetch our files, which it may obey. Allow %s there for "+
		"everyone, or for facebookexternalhit", robots, folder)
}
