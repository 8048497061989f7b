package words

import "fmt"

// AddressNamesNoServer tells, like the entries below, why no server can have an address. It follows "the address
// cannot exist: ".
const AddressNamesNoServer = "it names no server"

// AddressPortInvalid tells that a port is out of range. A long port is cut.
func AddressPortInvalid(port string) string {
	return fmt.Sprintf("ports go from 1 to 65535, and this one is %.20s", port)
}

// AddressNotIPv6 tells that a host looks like an IPv6 address and is none. A long host is cut.
func AddressNotIPv6(host string) string { return fmt.Sprintf("%.80q is not an IPv6 address", host) }

// AddressNotIPv4 tells that a host looks like an IPv4 address and is none. A long host is cut.
func AddressNotIPv4(host string) string { return fmt.Sprintf("%.80q is not an IPv4 address", host) }

// AddressNotServerName tells that no server can be called so. A long host is cut.
func AddressNotServerName(host string) string {
	return fmt.Sprintf("%.80q is not the name of a server", host)
}
