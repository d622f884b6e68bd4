#!/usr/bin/env bats
# Lists: what ipcls shows of objects is what made them, and what /proc says.

load private

@test "a segment's row is what its maker asked for" {
	make_objects shm=0x1234,5000,0640
	id=$(made_id shm)
	run ipcls -m --raw -no REF,KEY,MODE,SIZE,ATT,UID,STATUS
	[ "$status" -eq 0 ]
	[ "$output" = "shm:$id 0x00001234 0640 5000 0 0 -" ]
}
