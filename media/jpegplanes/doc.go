// Package jpegplanes decodes the JPEG files that cameras and programs write.
//
// Such files are baseline and progressive files of 8 bits, in grey or in YCbCr with the usual sampling. The decoder
// is strict: it refuses a damaged or unusual file, and the caller may then try image/jpeg. For a file that it
// decodes, image/jpeg produces the same picture within rounding. The decoder needs less time and memory than
// image/jpeg, and still less to decode to half of the size.
package jpegplanes
