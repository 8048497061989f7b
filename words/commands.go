package words

import "fmt"

// Where a command lists what it did not find.
const (
	SeePublications     = "see `postern publications`"
	SeeFeedsAndAccounts = "see `postern feed list` and `postern account list`"
)

// SeeList names the command that lists all of a kind, such as account.
func SeeList(noun string) string { return fmt.Sprintf("see `postern %s list`", noun) }

// NotFoundSee tells what was not found, and which command lists what there is; see is [SeeList] or one of its kind.
func NotFoundSee(what, see string) string { return fmt.Sprintf("%s: %s", what, see) }

// DiskFails tells that something failed because of the disk.
func DiskFails(why string) string {
	return why + ". The disk is full or fails: free some space, or run `postern doctor`"
}
