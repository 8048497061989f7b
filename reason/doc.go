// Package reason defines why a publication or a post is in its state, and what is wrong with a feed or an account.
//
// A Reason is a code with arguments. The program acts on the code; String returns the sentence for people.
// docs/reasons.md lists the codes.
package reason
