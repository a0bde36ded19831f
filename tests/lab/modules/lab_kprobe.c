// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holds the function that most patches here replace: a probe with a handler after the probed instruction needs the place for itself, so the
 * kernel answers a patch of that function with EBUSY.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>

static void lab_after(struct kprobe *probe, struct pt_regs *registers, unsigned long flags)
{
}

static struct kprobe lab_probe = {
	.symbol_name = "cmdline_proc_show",
	.post_handler = lab_after,
};

static int __init lab_init(void)
{
	return register_kprobe(&lab_probe);
}

static void __exit lab_exit(void)
{
	unregister_kprobe(&lab_probe);
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("lab: a probe on the function that patches replace");
MODULE_LICENSE("GPL");
