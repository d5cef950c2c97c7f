package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// relay passes every connection of a listener on. A socket stays in the network it was made in, so a
// listener of one network held by a process in another is a way between the two.
func relay(listener net.Listener, address string) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			target, err := net.Dial("tcp", address)
			if err != nil {
				return // the other side sees its connection closed, as if nobody listened
			}
			defer target.Close()
			go pass(target, connection)
			pass(connection, target)
		}()
	}
}

// pass copies one direction, and lets the receiver know of the end.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.(*net.TCPConn).CloseWrite()
}

// handOver gives listeners to the process at the other end of a socket.
func handOver(socket *os.File, listeners ...net.Listener) error {
	var descriptors []int
	for _, listener := range listeners {
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			return err
		}
		defer file.Close()
		descriptors = append(descriptors, int(file.Fd()))
	}
	return syscall.Sendmsg(int(socket.Fd()), []byte{0}, syscall.UnixRights(descriptors...), nil, 0)
}

// takeOver waits for so many listeners that are handed over.
func takeOver(socket *os.File, count int) ([]net.Listener, error) {
	control := make([]byte, syscall.CmsgSpace(4*count))
	read, size, _, _, err := syscall.Recvmsg(int(socket.Fd()), make([]byte, 1), control, syscall.MSG_CMSG_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if read == 0 {
		return nil, io.ErrUnexpectedEOF // it ended instead
	}
	messages, err := syscall.ParseSocketControlMessage(control[:size])
	if err != nil || len(messages) != 1 {
		return nil, errors.Join(errors.New("no listeners were handed over"), err)
	}
	descriptors, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(descriptors) != count {
		return nil, errors.Join(fmt.Errorf("%d listeners were handed over", len(descriptors)), err)
	}
	var listeners []net.Listener
	for _, descriptor := range descriptors {
		listener, err := inherited(descriptor)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

// inherited is the listener of a descriptor that another process made.
func inherited(descriptor int) (net.Listener, error) {
	file := os.NewFile(uintptr(descriptor), "listener")
	defer file.Close()
	return net.FileListener(file)
}
