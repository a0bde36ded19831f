// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Its patch transition takes about 15 s: a thread dozes in the function, and leaves it when the kernel signals the tasks that are still
 * missing, which it does every 15 s.
 */
#include "lab_sleepers.h"

static void lab_new(void)
{
	schedule_timeout_idle(HZ);
}

static struct klp_func lab_functions[] = {
	{ .old_name = "lab_wait_dozing", .new_func = lab_new },
	{ }
};

LAB_OBJECT(lab_functions);
MODULE_DESCRIPTION("lab: a slow patch transition");
