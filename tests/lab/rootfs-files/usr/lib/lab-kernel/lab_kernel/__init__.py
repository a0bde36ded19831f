"""The simulated kernel of a lab node, and what its stand-ins for insmod, rmmod and kpatch share."""
