// SPDX-License-Identifier: GPL-2.0-or-later
/* Neither there nor back: one thread is stuck in an old function, another in a new one. Only a reboot ends that. */
#include "held.h"

static void lab_new(void)
{
	schedule_timeout_idle(HZ);
}

static struct klp_func lab_functions[] = {
	{ .old_name = "lab_visit", .new_func = lab_new_visit },
	{ .old_name = "lab_wait_stuck", .new_func = lab_new },
	{ }
};

LAB_OBJECT(lab_functions);
MODULE_DESCRIPTION("lab: a patch transition that neither ends nor can be turned back");
