package page

// webhook.templ
const (
	sayTellTheSite     = "Tell your site"
	sayWhenAPostIsLive = "When a post is live and its address at Instagram is known, Postern sends a " +
		"signed message there, so that a build can show the copy."
	sayWhichFeeds            = "The feeds of the account"
	sayShowTheSecret         = "Show the secret"
	sayMakeANewSecret        = "Make a new secret"
	saySetAnAddress          = "Set an address"
	sayAnotherAddress        = "Another address"
	sayAddressOfTheBuild     = "Address"
	sayAddressOfTheBuildHint = "https, such as https://build.example.org/hooks/postern?key=… It may hold a key: " +
		"it is sealed and never shown."
	sayTellThisAddress         = "Tell this address"
	sayTellNobodyOfThisFeed    = "Tell nobody about this feed"
	sayBackToWhatTheAccountSay = "Back to what the account says"
)
