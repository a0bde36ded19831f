/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A new function that does not let its visitor go while the patch's parameter "hold" is set: the way back does not end.
 * `echo N >/sys/module/PATCH/parameters/hold` lets go.
 */
#include "lab_sleepers.h"

static bool hold = true;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "whoever is in the new function stays there");

static void lab_new_visit(void)
{
	while (READ_ONCE(hold))
		schedule_timeout_uninterruptible(HZ / 10);
}
