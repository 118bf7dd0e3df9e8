import { runbook_schedule } from '../../modules/services/runbook_schedule.ts';
import { service } from '../../modules/services/service.ts';
import { service_facts } from '../../modules/services/service_facts.ts';
import { systemdService } from '../../modules/services/systemd_service.ts';
import { runCases } from '../cases/driver.ts';

runCases(runbook_schedule);
runCases(service);
runCases(service_facts);
runCases(systemdService);
