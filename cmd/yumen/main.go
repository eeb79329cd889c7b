// Command yumen is the portal: its server, the world in a box and the tools of
// the operator.
package main

func main() {}
