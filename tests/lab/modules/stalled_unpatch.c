// SPDX-License-Identifier: GPL-2.0-or-later
/* A patch that is taken as it should, and cannot be taken back: a thread is stuck in the new function. */
#include "held.h"

static struct klp_func lab_functions[] = {
	{ .old_name = "lab_visit", .new_func = lab_new_visit },
	{ }
};

LAB_OBJECT(lab_functions);
MODULE_DESCRIPTION("lab: a patch that cannot be taken back");
