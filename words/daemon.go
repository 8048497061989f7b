package words

import "fmt"

// The data directory and the addresses that the program listens on.

// PlaceTooLong tells that what is written beside the database has no room in its file.
const PlaceTooLong = "what is written beside the database is too long"

// KilledForMemory tells in the log how the last run ended.
const KilledForMemory = "the kernel killed a process for want of memory"

// The regular work, as the log names what failed.
const (
	TickPlace         = "noting the place of the database"
	TickPolls         = "polling feeds"
	TickTokens        = "refreshing tokens"
	TickMedia         = "cleaning the media folder"
	TickRoom          = "making room in the media folder"
	TickNotices       = "noticing what is wrong"
	TickMessages      = "telling notices"
	TickForgetNotices = "forgetting old notices"
)

// DataDirHolder is how a process that works on the data directory calls itself.
func DataDirHolder(command string, process int) string {
	return fmt.Sprintf("postern %s (process %d)", command, process)
}

// DataDirBusy tells that another process works on the data directory.
func DataDirBusy(dir, holder string) string {
	return fmt.Sprintf("the data directory %s is in use by %s: stop that first, or choose another data_dir", dir,
		holder)
}

// PortInUse tells that another program listens on an address. key names the setting.
func PortInUse(address, key string) string {
	return fmt.Sprintf("port in use: another program listens on %s; stop it, or set %s to a free address", address, key)
}

// PortForbidden tells that the system gives the port to nobody but its administrator. key names the setting.
func PortForbidden(address, key string) string {
	return fmt.Sprintf("not allowed to listen on %s: set %s to a port above 1023", address, key)
}
