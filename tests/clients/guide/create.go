// The guide's request by Go's own client, which says nothing of the kind of a body.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	request, err := http.NewRequest(http.MethodPost, os.Getenv("URL"), strings.NewReader(os.Getenv("PAYLOAD")))
	if err != nil {
		panic(err)
	}
	request.Header.Add("authorization", "Bearer "+os.Getenv("TOKEN"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n%d\n", body, answer.StatusCode)
}
