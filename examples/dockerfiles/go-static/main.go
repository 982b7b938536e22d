package main

import (
	"fmt"
	"log"
	"net/http"
)

var version = "unknown"

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "go %s %s\n", version, r.URL.Path)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
