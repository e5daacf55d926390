// A plugin without an SDK, on version 2 of the protocol; docs/any-language.md explains it.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

type object = map[string]any

const metadata = `{"id":"hello-go","name":"Hello from Go","version":"1.0.0","icon":"🐹","route":"/hello-go","protocol":2}`

func answer(request any, body []byte) object {
	text := fmt.Sprintf("Hello from Go: %v with %d bytes\n", request.(object)["path"], len(body))
	return object{"status": 200, "headers": object{"content-type": "text/plain"}, "body": text}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--metadata" {
		fmt.Println(metadata)
		return
	}
	host := must(must(net.Listen("unix", os.Getenv("TORU_PLUGIN_SOCKET"))).Accept()) // one connection, for life
	var writing sync.Mutex
	var inFlight sync.WaitGroup
	send := func(message object) {
		data := must(json.Marshal(message))
		writing.Lock()
		defer writing.Unlock()
		must(host.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...)))
	}
	for {
		message, body := receive(host)
		switch id := message["request_id"]; fmt.Sprint(message["type"], " ", message["action"]) {
		case "lifecycle init":
			payload := object{"protocol": 2, "features": []string{}}
			send(object{"type": "lifecycle", "action": "ready", "timestamp": "2026-01-01T00:00:00Z", "payload": payload})
		case "lifecycle shutdown":
			inFlight.Wait()
			os.Exit(0)
		case "ping <nil>":
			send(object{"type": "pong", "request_id": id})
		case "http <nil>":
			inFlight.Go(func() {
				send(object{"type": "http", "request_id": id, "payload": answer(message["payload"], body)})
			})
		case "<nil> <nil>", "pong <nil>", "data <nil>": // no type, or what was never asked for
			must(0, fmt.Errorf("the host breaks the protocol: %v", message))
		}
	}
}

// receive reads one frame: a JSON message, and the raw bytes behind it where the length has its top bit set.
func receive(host io.Reader) (message object, tail []byte) {
	bytes := func(n uint32) []byte { data := make([]byte, n); must(io.ReadFull(host, data)); return data }
	length := binary.BigEndian.Uint32(bytes(4))
	head := length
	if length>>31 == 1 {
		head = binary.BigEndian.Uint32(bytes(4))
		length = length&^0x80000000 - 4
	}
	if length > 16<<20 {
		must(0, fmt.Errorf("a frame of %d bytes", length))
	}
	data := bytes(length)
	must(0, json.Unmarshal(data[:head], &message))
	return message, data[head:]
}

// must ends the plugin where the host is gone or talks nonsense: a plugin never outlives its host.
func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}
