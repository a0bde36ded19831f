// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Patches that are taken as they should, and then do harm: which, and how many seconds after the load, is what TROUBLE says. The harm is
 * done in a worker thread of the kernel, so that the program which loaded the patch lives on to see it. Each does it also when told:
 * `echo Y >/sys/module/PATCH/parameters/now`.
 */
#define SHOWN "patched: " KBUILD_MODNAME
#define REPLACES true
#include "cmdline.h"
#include <linux/panic.h>
#include <linux/workqueue.h>

#define WARN_SOON	'W', 1
#define WARN_LATER	'W', 15		/* in the soak, where the test asks for a longer one */
#define OOPS_SOON	'O', 1
#define PANIC_AT_ONCE	'P', 0
#define PANIC_LATER	'P', 15
#define PANIC_WHEN_TOLD	'P', NEVER	/* when the run has ended and the node is home, which no clock knows */
#define NEVER		-1

static const struct { char what; int seconds; } trouble = { TROUBLE };

static void lab_do(struct work_struct *ignored)
{
	switch (trouble.what) {
	case 'W':
		WARN(1, "lab: a warning, %d s after the load\n", trouble.seconds);
		break;
	case 'O':
		/* Volatile, or the compiler makes something of its own of a write to nowhere. */
		*(volatile int *)8 = 0;
		break;
	case 'P':
		panic("lab: a panic, %d s after the load", trouble.seconds);
	}
}

static DECLARE_DELAYED_WORK(lab_work, lab_do);

static int lab_now(const char *value, const struct kernel_param *parameter)
{
	mod_delayed_work(system_wq, &lab_work, 0);
	return 0;
}

static const struct kernel_param_ops lab_now_ops = { .set = lab_now };
module_param_cb(now, &lab_now_ops, NULL, 0200);
MODULE_PARM_DESC(now, "written to: does its harm now");

static int __init lab_init(void)
{
	int error = klp_enable_patch(&lab_patch);

	if (error || trouble.seconds == NEVER)
		return error;
	if (!trouble.seconds)
		lab_do(NULL);
	schedule_delayed_work(&lab_work, trouble.seconds * HZ);
	return 0;
}

static void __exit lab_exit(void)
{
	cancel_delayed_work_sync(&lab_work);
}

module_init(lab_init);
module_exit(lab_exit);
