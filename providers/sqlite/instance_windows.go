package sqlite

import (
	"os"
	"strconv"
	"syscall"
)

// fileIdentity tells a file from all others of the machine; one part of it is "" where that is not to be had.
func fileIdentity(path string) []string {
	file, err := os.Open(path)
	if err != nil {
		return []string{""}
	}
	defer func() { _ = file.Close() }()
	var info syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(syscall.Handle(file.Fd()), &info); err != nil {
		return []string{""}
	}
	return []string{
		strconv.FormatUint(uint64(info.VolumeSerialNumber), 10),
		strconv.FormatUint(uint64(info.FileIndexHigh)<<32|uint64(info.FileIndexLow), 10),
	}
}
