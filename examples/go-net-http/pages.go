package main

import (
	"embed"
	"html/template"
	"net/http"
)

//go:embed pages.html
var files embed.FS
var pages = template.Must(template.ParseFS(files, "pages.html"))

// notices are what ?notice= may name. A link chooses a sentence of ours; it must not bring one of its own.
var notices = map[string]string{
	"begin":         "Please begin here.",
	"sign-in":       "Please sign in.",
	"again":         "Please sign in again.",
	"second-factor": "Your company asks for a second factor, which this example does not show.",
	"signed-out":    "You are signed out.",
	"unknown":       "We know no company sign-in for this address, or more than one.",
	"created":       "Created.",
	"saved":         "Saved.",
}

func page(w http.ResponseWriter, status int, name string, values body) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	return pages.ExecuteTemplate(w, name, values)
}

// away sends the browser to a page of ours with a notice for it.
func away(w http.ResponseWriter, r *http.Request, path, notice string) {
	http.Redirect(w, r, path+"?notice="+notice, http.StatusSeeOther)
}
