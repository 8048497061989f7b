package words

import (
	"fmt"
	"strconv"
	"strings"
)

// What the API answers to a request that it does not carry out. Names in quotes are those of parameters and fields.
const (
	APINothingHere = "there is nothing at this address: it is wrong, or what was here has been removed"
	APINoAddress   = "there is nothing at this address: /api/v1/openapi.json lists what there is"
	APIFault       = "Postern could not answer; its log says more"

	APIParametersUnreadable = "the parameters cannot be read: escape them as in ?state=held&limit=10"

	APINotJSON      = "send a JSON object, with `Content-Type: application/json`"
	APIMoreInBody   = "there is something after the JSON object in the body: send one object"
	APIBodyUnwanted = "this address takes no body"

	APIMayBeLive = `nothing was done, because the publication may be live: look at the profile, and send ` +
		`"not_live": true ` +
		`if it is not there`
	APIPermalinkInvalid = `"permalink" must be an address such as https://www.instagram.com/p/ABC/; leave it ` +
		`out if you ` +
		`do not know it`
	APIURLMissing    = `"url" is missing: send the address of the feed or of the site`
	APIFeedTakesLong = "a feed takes very long to answer: Postern goes on trying by itself; look at the feed later"
)

// APIBodyTooLong tells that a body has more than most bytes.
func APIBodyTooLong(most int) string {
	return fmt.Sprintf("the body is too long: send at most %d bytes", most)
}

// APIFieldsTooLong tells that the address or the label of a new feed has more than most bytes.
func APIFieldsTooLong(most int) string {
	return fmt.Sprintf("the address or the label is too long: send at most %d bytes each", most)
}

// APINotDone tells why an order was not carried out.
func APINotDone(why string) string { return "nothing was done: " + why }

// APIChanged tells that an order was not carried out because of what changed since it was read.
func APIChanged(what string) string {
	return fmt.Sprintf("nothing was done: %s; read it again and decide anew", what)
}

// APINotAdded tells why a feed was not added.
func APINotAdded(why string) string { return "not added: " + why }

// APINotChecked tells why Postern could not look for a publication at Instagram.
func APINotChecked(why string) string { return "Postern could not look: " + why }

// APIParameterUnknown tells that an address takes the known parameters only.
func APIParameterUnknown(name string, known []string) string {
	if len(known) == 0 {
		return fmt.Sprintf("there is no parameter %q: this address takes none", name)
	}
	return fmt.Sprintf("there is no parameter %q: this address takes %s", name, strings.Join(known, ", "))
}

// APIParameterRepeated tells that a parameter was sent several times.
func APIParameterRepeated(name string, times int) string {
	return fmt.Sprintf("the parameter %q is there %d times: send it once", name, times)
}

// APINoNumber tells that a parameter is not a whole number from 1 to most, where 0 is no bound.
func APINoNumber(name string, most int) string {
	if most == 0 {
		return fmt.Sprintf("the parameter %q must be a number from 1", name)
	}
	return fmt.Sprintf("the parameter %q must be a number from 1 to %d", name, most)
}

// APIStateUnknown tells that no state has this name.
func APIStateUnknown(name string, states []string) string {
	return fmt.Sprintf("there is no state %q: there are %s", name, strings.Join(states, ", "))
}

// APIStatusUnknown tells that no status of a crosspost has this name.
func APIStatusUnknown(name string, statuses []string) string {
	return fmt.Sprintf("there is no status %q: there are %s", name, strings.Join(statuses, ", "))
}

// APIStateMissing tells that an order does not say in which state the publication was read.
func APIStateMissing(states []string) string {
	return `say in "state" in which state you read the publication: one of ` + strings.Join(states, ", ")
}

// APIMethods tells which methods an address takes.
func APIMethods(methods []string) string {
	return fmt.Sprintf("this address takes %s only", strings.Join(methods, " and "))
}

// APIBodyInvalid tells what is wrong with a body of JSON.
func APIBodyInvalid(fault string) string {
	return fmt.Sprintf("the body is not the JSON object that this address takes (%s): see /api/v1/openapi.json", fault)
}

// The faults that APIBodyInvalid names.
const (
	JSONNotObject = "it is no object"
	JSONEndsEarly = "it ends too early"
	JSONMalformed = "it is not well-formed"
)

// JSONMalformedAt tells where a text stops to be JSON, in bytes.
func JSONMalformedAt(offset int64) string {
	return "it is not well-formed at byte " + strconv.FormatInt(offset, 10)
}

// JSONFieldOfAnotherKind tells that the value of a field is of another kind, such as a number for a text.
func JSONFieldOfAnotherKind(field string) string {
	return fmt.Sprintf("the value of %q is of another kind", field)
}

// JSONFieldUnknown tells that there is no such field. field is in quotes already.
func JSONFieldUnknown(field string) string { return "there is no field " + field }

// HookFault answers a hook that could not be served.
const HookFault = "Postern could not do that; its log says more"
