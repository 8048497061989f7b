package accounts

import (
	"fmt"

	"postern/redact"
)

// The columns that contain sealed values.
const (
	columnAppSecret = "app_secret"
	columnToken     = "token"
	columnPrevious  = "token_previous"
)

// place returns the associated data of a sealed value. A value that is moved to another row or column cannot be opened.
func place(accountID int64, column string) string {
	return fmt.Sprintf("account:%d:%s", accountID, column)
}

func (a *Accounts) seal(accountID int64, column string, s redact.Secret) ([]byte, error) {
	return a.key.Seal(place(accountID, column), s)
}

func (a *Accounts) open(accountID int64, column string, sealed []byte) (redact.Secret, error) {
	return a.key.Open(place(accountID, column), sealed)
}
