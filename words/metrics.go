package words

// The help of the metrics, as Prometheus shows it. docs/metrics.md has the same words.
const (
	MetricBuildInfo        = "Version, commit and Go version of the program; always 1."
	MetricDatabaseReadable = "1 when Postern could read the database for this answer. With 0, figures from it " +
		"are missing."
	MetricDatabaseSize      = "Size of the database with its log."
	MetricDiskFree          = "Space that is free on the disk of the data directory."
	MetricMediaSize         = "Size of all prepared pictures and videos."
	MetricMediaLimit        = "Space that prepared pictures and videos may use."
	MetricPublications      = "Publications by state."
	MetricPublished         = "Publications of the account that are live, since you connected it."
	MetricLastPublished     = "When the account's last publication went live; absent before the first."
	MetricQueueAge          = "For how long the longest-due publication has been due; 0 when none is."
	MetricAccountInfo       = "Name of the account; always 1."
	MetricTokenExpiry       = "When the access token expires, at the latest; absent without one."
	MetricRefreshFailures   = "Failed attempts in a row to refresh the access token."
	MetricNeedsReconnecting = "1 when you have to connect the account again."
	MetricAccountPaused     = "1 when you paused the account."
	MetricQuotaUsed         = "Posts of the last 24 hours that count against Instagram's limit, as last read; " +
		"absent before."
	MetricQuotaLimit         = "How many posts Instagram takes in 24 hours, as last read; absent before."
	MetricFeeds              = "Feeds by status."
	MetricFeedFailures       = "Failed polls in a row, of each feed with a problem (at most 100 feeds)."
	MetricPollAge            = "For how long the longest-due feed has been due; 0 when none is."
	MetricNotices            = "Open notices by severity."
	MetricStepDuration       = "How long steps of publications took, by the state they began in."
	MetricPollDuration       = "How long polls took, by outcome."
	MetricConversionDuration = "How long ffmpeg took to convert a video, or Postern an AVIF or HEIC picture."
	MetricFailures           = "Publications that failed since the program started, by the rule they broke or by " +
		"Instagram's codes."
)
