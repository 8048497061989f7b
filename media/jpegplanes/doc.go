// Package jpegplanes decodes the JPEG files that cameras and programs write.
//
// These are baseline and progressive files of 8 bits, in grey or in YCbCr with the usual sampling. The decoder is
// strict: it refuses a file that is damaged or unusual, and the caller may then try image/jpeg. Where it decodes,
// image/jpeg decodes to the same picture within rounding. It needs less time and memory than image/jpeg, and still
// less to decode to half of the size.
package jpegplanes
