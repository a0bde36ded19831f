// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Its patch transition does not end while a thread is stuck in the function, and can be turned back: nobody is in the new one.
 * `echo N >/sys/module/lab_sleepers/parameters/stuck` lets go.
 */
#include "lab_sleepers.h"

static void lab_new(void)
{
	schedule_timeout_idle(HZ);
}

static struct klp_func lab_functions[] = {
	{ .old_name = "lab_wait_stuck", .new_func = lab_new },
	{ }
};

LAB_OBJECT(lab_functions);
MODULE_DESCRIPTION("lab: a patch transition that does not end");
