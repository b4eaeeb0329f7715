/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fixed part of the machine: power, events, and the PCI hot-plug controller. */
#include "layout.h"

DefinitionBlock ("", "DSDT", 6, "VDPA", "VDPAVMM", 1)
{
	External (\_SB.PN00, MethodObj)

	Name (\_S5, Package () { 5, 5, 0, 0 })

	Scope (\_SB)
	{
		Device (PWRB)
		{
			Name (_HID, "PNP0C0C")
			Name (_UID, 0)
		}

		/* Older Linux (6.1) uses the configuration space of PCI only where a mainboard claims it. */
		Device (MBRD)
		{
			Name (_HID, EisaId ("PNP0C02"))
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate ()
			{
				Memory32Fixed (ReadWrite, LAYOUT_ECAM_START, LAYOUT_ECAM_SIZE)
			})
		}

		/* What happened since the last read: 4 PCI hot-plug, 8 power button. */
		OperationRegion (GEDR, SystemMemory, LAYOUT_GED, 1)
		Field (GEDR, ByteAcc, NoLock, WriteAsZeros)
		{
			FLAG, 8
		}

		Device (GED)
		{
			Name (_HID, "ACPI0013")
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate ()
			{
				Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive)
				{
					LAYOUT_IRQ_GED
				}
			})
			Method (_EVT, 1, Serialized)
			{
				Local0 = FLAG
				If (Local0 & 4)
				{
					\_SB.PN00 ()
				}
				If (Local0 & 8)
				{
					Notify (PWRB, 0x80)
				}
			}
		}

		/* Slots that came, slots that shall go, the slot to eject, and for which segment. */
		OperationRegion (PHPR, SystemMemory, LAYOUT_HOTPLUG, 16)
		Field (PHPR, DWordAcc, NoLock, WriteAsZeros)
		{
			PCIU, 32,
			PCID, 32,
			PCEJ, 32,
			PSEG, 32
		}
		Mutex (PLCK, 0)

		/* Ejects slot Arg0 of segment Arg1. */
		Method (EJCT, 2, Serialized)
		{
			Acquire (PLCK, 0xFFFF)
			PSEG = Arg1
			PCEJ = 1 << Arg0
			Release (PLCK)
		}
	}
}
