package reason

// The codes of what is wrong with an account and its access token.
const (
	RefreshFailed   Code = "refresh_failed"
	RefreshUntried  Code = "refresh_untried"
	RefreshUnusable Code = "refresh_unusable"
	RefreshTooLate  Code = "refresh_too_late"
	TokensUnusable  Code = "tokens_unusable"
	TokenOfOther    Code = "token_of_other"
	TokenMissing    Code = "token_missing"
	AccountFault    Code = "account_fault"
	TokenSealed     Code = "token_sealed"
	SecretSealed    Code = "secret_sealed"
	QuotaUnread     Code = "quota_unread"
	SandboxMissing  Code = "sandbox_missing"
	APIUnknown      Code = "api_unknown"
	CallsTooMany    Code = "calls_too_many"
	CallsUsedUp     Code = "calls_used_up"
	CallsHighUse    Code = "calls_high_use"
)

// ofAccounts are the problems of accounts.
var ofAccounts = []Definition{
	{RefreshFailed, "the access token could not be refreshed, it is tried again: {answer}", "The token still works."},
	{RefreshUntried, "the refreshed access token could not be tried yet: {answer}",
		"The new token is tried again before it replaces the old one."},
	{RefreshUnusable, "the refreshed access token is not usable, the one before it is used again: {answer}",
		"The new token belongs to another user, or is refused."},
	{RefreshTooLate, "the access token has expired; it could not be refreshed in time: {answer}",
		"The account needs a new token."},
	{TokensUnusable,
		"neither the refreshed access token nor the one before it works: connect the account again ({answer})",
		"The account needs a new token."},
	{TokenOfOther, "it belongs to {user}, not to {account}", "The token is that of another user."},
	{TokenMissing, "{account} has no access token: connect the account again with a new access token",
		"The account was removed, or its token was lost."},
	{TokenSealed,
		"{account}: secret.key does not open what is stored: put the right secret.key back, or connect the " +
			"account again with a new access token", "The token was sealed with another key."},
	{SecretSealed, "secret.key does not open what is stored", "A stored secret was sealed with another key."},
	{AccountFault, "{error}", "The database or the key cannot be used."},
	{QuotaUnread, "asking Instagram for the quota: {answer}", "How many posts are left is not known."},
	{SandboxMissing, "this is a sandbox account and there is no simulated Instagram here",
		"The program was started without it."},
	{APIUnknown, "accounts of the kind {api:q} cannot be used yet", "The database is of a later version."},
	{CallsTooMany, "Instagram says that this account makes too many calls, and when it may go on.",
		"The account waits until then."},
	{CallsUsedUp,
		"More than {percent:d} % of the calls that Instagram allows are used up; Postern waits before they are " +
			"refused.", "The account waits for an hour."},
	{CallsHighUse, "More than {percent:d} % of the calls that Instagram allows are used up; Postern goes slowly.",
		"The account waits for ten minutes."},
}
