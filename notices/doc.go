// Package notices notifies the owner of what is wrong, what to do, and when it is resolved.
//
// Other packages report nothing here. The Keeper computes what is wrong now from the database and compares it with the
// notices it has stored, so that a crash, a restart or a missed moment neither loses a notice nor sends one twice. The
// pages show notices, and every notification target receives them.
package notices
