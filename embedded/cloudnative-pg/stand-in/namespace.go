package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// errNoNamespaces means that this machine does not let us have a network of our own.
var errNoNamespaces = errors.New("this machine gives no network namespace")

// podNetwork is the one that the control plane takes pod addresses from.
var podNetwork = net.IPNet{IP: net.IPv4(10, 244, 0, 0), Mask: net.CIDRMask(16, 32)}

// webhookCertificates is where the operator reads them: in its image the kubelet mounts a Secret there.
const webhookCertificates = "/run/secrets/cnpg.io/webhook"

// namespaces are what a process gets of its own: a network in which pod addresses are local, and
// mounts, so that the operator finds its files where it looks for them. The machine keeps its own.
//
// Whoever is not root over this machine needs a user namespace too, in which it is root over these two
// and nothing else.
func namespaces(withUser bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if withUser {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return attributes
}

// furnish makes the namespaces that this process is in what the operator needs.
func furnish(certificates string) error {
	if err := mountCertificates(certificates); err != nil {
		return fmt.Errorf("%w: mounts: %w", errNoNamespaces, err)
	}
	if err := makeLocal(podNetwork); err != nil {
		return fmt.Errorf("%w: addresses: %w", errNoNamespaces, err)
	}
	return nil
}

// mountCertificates shows a directory at the place where the operator looks for its certificates.
func mountCertificates(source string) error {
	// Nothing that is mounted from here on reaches the machine's own mounts.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	// Held open, as it may itself be below /run.
	directory, err := os.Open(source)
	if err != nil {
		return err
	}
	defer directory.Close()
	if err := syscall.Mount("tmpfs", "/run", "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "size=1m,mode=0755"); err != nil {
		return err
	}
	if err := os.MkdirAll(webhookCertificates, 0o700); err != nil {
		return err
	}
	return syscall.Mount(fmt.Sprintf("/proc/self/fd/%d", directory.Fd()), webhookCertificates, "", syscall.MS_BIND, "")
}

// makeLocal brings the loopback interface up and gives it an address of a network. On a loopback that
// makes every address of the network local: what is sent to one arrives here.
func makeLocal(network net.IPNet) error {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(socket)
	flags := interfaceRequest("lo")
	*(*uint16)(unsafe.Pointer(&flags[syscall.IFNAMSIZ])) = syscall.IFF_UP | syscall.IFF_RUNNING
	return errors.Join(
		ioctl(socket, syscall.SIOCSIFFLAGS, flags),
		ioctl(socket, syscall.SIOCSIFADDR, addressRequest("lo:pods", network.IP)),
		ioctl(socket, syscall.SIOCSIFNETMASK, addressRequest("lo:pods", net.IP(network.Mask))),
	)
}

// interfaceRequest is a `struct ifreq`: a name, and 24 bytes whose meaning goes by the call.
func interfaceRequest(name string) *[syscall.IFNAMSIZ + 24]byte {
	var request [syscall.IFNAMSIZ + 24]byte
	copy(request[:], name)
	return &request
}

// addressRequest has a `struct sockaddr_in` in it: family, port and address.
func addressRequest(name string, address net.IP) *[syscall.IFNAMSIZ + 24]byte {
	request := interfaceRequest(name)
	*(*uint16)(unsafe.Pointer(&request[syscall.IFNAMSIZ])) = syscall.AF_INET
	copy(request[syscall.IFNAMSIZ+4:], address.To4())
	return request
}

func ioctl(socket int, call uintptr, request *[syscall.IFNAMSIZ + 24]byte) error {
	if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), call, uintptr(unsafe.Pointer(request))); code != 0 {
		return fmt.Errorf("ioctl %#x: %w", call, code)
	}
	return nil
}
