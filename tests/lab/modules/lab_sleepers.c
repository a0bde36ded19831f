// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three kernel threads that sleep where a live patch wants to be. A task takes part in a patch transition when none of the patched functions
 * is on its stack, so:
 *
 *	lab_stuck	is in lab_wait_stuck() for as long as the parameter "stuck" is set, whatever happens: the transition of a patch of
 *			that function does not end.
 *	lab_dozing	is in lab_wait_dozing() until somebody wakes it, which the kernel's own signalling does after 15 s: that transition
 *			ends, late.
 *	lab_visiting	is in lab_visit() for a moment, ten times a second: that transition ends, and the new function gets a visitor. If it
 *			does not let him go, the way back does not end.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>

static bool stuck = true;
module_param(stuck, bool, 0644);
MODULE_PARM_DESC(stuck, "the thread lab_stuck stays in its function");

static struct task_struct *threads[3];

/*
 * In slices: the kernel's watch over hung tasks is not what is tested here, and the thread sees "stuck" change. The functions must not be
 * inlined or merged, or there is nothing to patch.
 */
static noinline void lab_wait_stuck(void)
{
	while (READ_ONCE(stuck) && !kthread_should_stop())
		schedule_timeout_uninterruptible(HZ / 10);
	barrier();
}

static noinline void lab_wait_dozing(void)
{
	schedule_timeout_interruptible(MAX_SCHEDULE_TIMEOUT);
	barrier();
}

static noinline void lab_visit(void)
{
	barrier();
}

static int lab_stuck(void *ignored)
{
	while (!kthread_should_stop()) {
		lab_wait_stuck();
		schedule_timeout_idle(HZ / 10);
	}
	return 0;
}

static int lab_dozing(void *ignored)
{
	while (!kthread_should_stop()) {
		lab_wait_dozing();
		/*
		 * Awake: stays out of the function for so long that the kernel, which looks once a second, or less often where everything
		 * is emulated, finds it there.
		 */
		schedule_timeout_idle(10 * HZ);
	}
	return 0;
}

static int lab_visiting(void *ignored)
{
	while (!kthread_should_stop()) {
		lab_visit();
		schedule_timeout_idle(HZ / 10);
	}
	return 0;
}

static void lab_stop(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (!IS_ERR_OR_NULL(threads[i]))
			kthread_stop(threads[i]);
}

static int __init lab_init(void)
{
	int i;

	threads[0] = kthread_run(lab_stuck, NULL, "lab_stuck");
	threads[1] = kthread_run(lab_dozing, NULL, "lab_dozing");
	threads[2] = kthread_run(lab_visiting, NULL, "lab_visiting");
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (IS_ERR(threads[i])) {
			lab_stop();
			return PTR_ERR(threads[i]);
		}
	return 0;
}

module_init(lab_init);
module_exit(lab_stop);
MODULE_DESCRIPTION("lab: threads that sleep in functions which patches replace");
MODULE_LICENSE("GPL");
